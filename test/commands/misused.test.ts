import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const orch = join(import.meta.dirname, '../../dist/orch.js');

test.each([
  { args: ['frobnicate'], says: 'There is no command "frobnicate" [invalid-option]' },
  { args: ['rnu', 'lab.yml'], says: `There is no command "rnu": did you mean 'run'?` },
  { args: ['run', '-'], says: 'the playbook: - could not be found' },
  { args: ['destroy'], says: 'Name a playbook, or a lab by --lab.' },
  { args: ['destroy', 'lab.yml', '--lab', 'lab'], says: '--lab names a lab in place of a playbook' },
  { args: ['destroy', '--lab', ''], says: '--lab takes the name of a lab, and was given none.' },
  { args: ['destroy', '--lab', 'a', '--lab', 'b'], says: '--lab takes the name of a lab, and was given several.' },
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

test('an earlier record of orch why stays where the hosts cannot be asked', () => {
  const folder = mkdtempSync(join(tmpdir(), 'orch-why-'));
  try {
    const file = join(folder, 'seen.yml');
    writeFileSync(file, 'evidence: {}\n');
    // Nobody listens there.
    const asked = ['why', '127.0.0.2', '127.0.0.3', '-i', '127.0.0.2:1,127.0.0.3:1,'];
    const { status } = spawnSync(process.execPath, [orch, ...asked, '--record', file]);
    expect({ status, record: readFileSync(file, 'utf8') }).toEqual({ status: 2, record: 'evidence: {}\n' });
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('what orch lint could not read is not "nothing found"', () => {
  const { status, stdout } = spawnSync(process.execPath, [orch, 'lint', '-'], { encoding: 'utf8' });
  expect({ status, stdout }).toEqual({ status: 4, stdout: expect.stringMatching(/^0 files, \d+ rules: 1 error\n$/) });
});

test('what reads nothing that is encrypted asks for no password', () => {
  const folder = mkdtempSync(join(tmpdir(), 'orch-no-vault-'));
  writeFileSync(join(folder, 'ansible.cfg'), '[defaults]\nvault_password_file = absent\n');
  const asked = (args: readonly string[]) => spawnSync(process.execPath, [orch, ...args], { cwd: folder }).status;
  expect([asked(['doc', 'link']), asked(['runs'])]).toEqual([0, 0]);
  rmSync(folder, { recursive: true });
});
