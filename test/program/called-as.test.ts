import { expect, test } from 'vitest';
import { asCalled } from '../../controller/called-as.ts';

test.each([
  [
    ['node', '/opt/orch/dist/orch.js', 'run', 'a.yml'],
    ['run', 'a.yml'],
  ],
  [
    ['node', '/usr/local/bin/ansible-playbook', 'a.yml'],
    ['run', 'a.yml'],
  ],
  [
    ['node', '/usr/local/bin/ansible', 'all', '-m', 'ping'],
    ['do', 'all', '-m', 'ping'],
  ],
  [['node', 'ansible-vault'], ['vault']],
  [['node', '/srv/ansible/orch', 'doctor'], ['doctor']],
  [['node', '/srv/constructor', 'doctor'], ['doctor']],
  [['node'], []],
])('%j', (argv, words) => {
  expect(asCalled(argv)).toEqual(words);
});
