import { expect, test, vi } from 'vitest';
import { readRunOptions } from '../../controller/commands/run-options.ts';

test('tags of the command line add to those of the settings, an empty one too', () => {
  vi.stubEnv('ANSIBLE_RUN_TAGS', 'a');
  vi.stubEnv('ANSIBLE_SKIP_TAGS', 'x');
  expect(readRunOptions({ tags: ['b,c'] })).toMatchObject({ tags: ['a', 'b', 'c'], skipTags: ['x'] });
  expect(readRunOptions({ tags: [''] }).tags).toEqual(['a', '']);
  vi.unstubAllEnvs();
});
