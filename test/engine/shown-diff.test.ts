import { expect, test } from 'vitest';
import { shownDiff } from '../../agent/engine/shown-diff.ts';

const file = (content: string, mode = '0644') => ({ path: '/f', mode, content });

test.each([
  ['a text that changes', file('a\n'), file('b\n', '0600'), { before: 'a\n', after: 'b\n', path: '/f' }],
  ['a file that is made', { state: 'absent' }, file('b\n'), { before: '', after: 'b\n', path: '/f' }],
  ['a file that goes', file('a\n'), { state: 'absent' }, { before: 'a\n', after: '', path: '/f' }],
  [
    'a mode that changes',
    file('a', '0600'),
    file('a'),
    { before: 'content: a\nmode: "0600"\npath: /f\n', after: 'content: a\nmode: "0644"\npath: /f\n', path: '' },
  ],
  ['something else', { mtu: 1 }, undefined, { before: 'mtu: 1\n', after: '', path: '' }],
])('%s', (_, before, after, diff) => {
  expect(shownDiff({ before, after })).toEqual(diff);
});
