import { expect, test } from 'vitest';
import { didYouMean, suggest } from '../../controller/template/suggest.ts';

const candidates = ['default', 'dictsort', 'register', 'gather_facts', 'ens34', 'loop'];

test.each([
  ['defualt', 'default'],
  ['regster', 'register'],
  ['Loop', 'loop'],
  ['gather-fact', 'gather_facts'],
  ['ens33', 'ens34'],
  ['x', undefined],
  ['default', undefined],
  ['completely', undefined],
  ['d'.repeat(1000), undefined],
])('%s is near %s', (word, nearest) => {
  expect(suggest(word, candidates)).toBe(nearest);
});

test('candidates that are as near are all named', () => {
  expect(didYouMean('key', ['local', 'ikey', 'okey', 'ikey'])).toBe("did you mean 'ikey' or 'okey'?");
  expect(didYouMean('ikee', ['local', 'ikey', 'okey'])).toBe("did you mean 'ikey'?");
});
