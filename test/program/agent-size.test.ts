import { expect, test } from 'vitest';
import { bundleBytes } from '../../bench/sections.ts';

// The bench holds the same budget; it is not run before each change, this is.
test('the agent that `npm run build` makes is small enough to be copied to each host', () => {
  expect(bundleBytes()).toBeLessThanOrEqual(1e6);
});
