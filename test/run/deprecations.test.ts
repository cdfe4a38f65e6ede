import { expect, test } from 'vitest';
import { deprecationsIn } from '../../controller/run/task/deprecations.ts';

const told = (end: string) => [`old. This feature will be removed ${end}.`];

test.each([
  ['no time', {}, 'in a future release'],
  ['a version', { version: '3.0', collection_name: null }, 'in version 3.0'],
  ["Ansible's own", { version: '3.0', collection_name: 'ansible.builtin' }, 'from ansible-core version 3.0'],
  [
    "a collection's",
    { date: '2030-01-01', collection_name: 'a.b' },
    "from collection 'a.b' in a release after 2030-01-01",
  ],
])('%s', (_, more, end) => {
  expect(deprecationsIn([{ deprecations: [{ msg: 'old', ...more }] }])).toEqual(told(end));
});

test('of several results, and of what is none', () => {
  const deprecations = [{ msg: 'old' }, 'odd', null];
  expect(deprecationsIn([{}, { deprecations }])).toEqual(told('in a future release'));
  expect(deprecationsIn([{ deprecations: 'odd' }])).toEqual([]);
});
