import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const orch = join(import.meta.dirname, '../../dist/orch.js');

test.each([
  { args: ['frobnicate'], says: 'There is no command "frobnicate" [invalid-option]' },
  { args: ['rnu', 'lab.yml'], says: `There is no command "rnu": did you mean 'run'?` },
  { args: ['run', '-'], says: 'the playbook: - could not be found' },
  { args: ['destroy'], says: 'Name a playbook, or a lab by --lab.' },
  { args: ['destroy', 'lab.yml', '--lab', 'lab'], says: '--lab names a lab in place of a playbook' },
  { args: ['why', 'a', 'b', '-i', 'a,b,', '--record', '/no/such/x'], says: '/no/such/x cannot be written.' },
  { args: ['testbed', 'status', 'vm01'], says: '"status" is for the whole testbed' },
])('$args', ({ args, says }) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [orch, ...args], { encoding: 'utf8' });
  expect({ status, stdout, stderr }).toEqual({ status: 4, stdout: '', stderr: expect.stringContaining(says) });
});

test.each([[['help']], [['help', 'lint']]])('%j is the help', (args) => {
  const { status, stdout } = spawnSync(process.execPath, [orch, ...args], { encoding: 'utf8' });
  expect({ status, stdout }).toEqual({
    status: 0,
    stdout: expect.stringContaining(`Usage: orch ${args[1] ?? '<command>'}`),
  });
});

test('what orch lint could not read is not "nothing found"', () => {
  const { status, stdout } = spawnSync(process.execPath, [orch, 'lint', '-'], { encoding: 'utf8' });
  expect({ status, stdout }).toEqual({ status: 4, stdout: expect.stringMatching(/^0 files, \d+ rules: 1 error\n$/) });
});
