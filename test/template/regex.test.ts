import { expect, it } from 'vitest';
import { findAll } from '../../proto/regex.ts';

const flags = { ignoreCase: false, multiline: true };

it('looks into long texts, but not for ever', () => {
  const long = 'a'.repeat(2_000_000);
  expect(findAll('^needle', `${long}\nneedle\n`, flags).map(({ index }) => index)).toEqual([2_000_001]);
  expect(() => findAll('a*b', long, flags)).toThrow("the pattern 'a*b' took more than 1000 ms");
});
