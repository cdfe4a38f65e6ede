import { expect, test } from 'vitest';
import { asCalled, versionText } from '../../controller/called-as.ts';

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

test('tools that ask one of its programs for a version find that of Ansible', () => {
  expect(versionText(['node', '/usr/local/bin/ansible'])).toMatch(/^ansible \[core \d+\.\d+\.\d+\]\n {2}orch \d/);
  expect(versionText(['node', '/opt/orch/dist/orch.js'])).toMatch(/^orch \d/);
});
