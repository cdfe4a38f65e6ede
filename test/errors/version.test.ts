import { expect, test } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };
import { version } from '../../proto/version.ts';

test('the version in the code is the one of package.json', () => {
  expect(version).toBe(manifest.version);
});
