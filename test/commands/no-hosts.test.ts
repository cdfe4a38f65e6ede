import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';

const orch = join(import.meta.dirname, '../../dist/orch.js');
const folder = mkdtempSync(join(tmpdir(), 'orch-no-hosts-'));
writeFileSync(join(folder, 'empty'), '');
afterAll(() => rmSync(folder, { recursive: true }));

const local =
  "provided hosts list is empty, only localhost is available. Note that the implicit localhost does not match 'all'";
const nothing = 'No hosts matched, nothing to do';

test.each([
  { args: ['-i', 'h1,', 'nope'], says: ['Could not match supplied host pattern, ignoring: nope', nothing] },
  { args: ['-i', 'empty', 'all'], says: [local] },
])('hosts that a pattern does not have are missed where there are others: $args', ({ args, says }) => {
  const { status, stderr } = spawnSync(process.execPath, [orch, 'do', ...args, '--list-hosts'], {
    cwd: folder,
    env: { ...process.env, XDG_STATE_HOME: folder },
    encoding: 'utf8',
  });
  expect(stderr).toBe(says.map((warning) => `[WARNING]: ${warning}\n`).join(''));
  expect(status).toBe(0);
});

test.each(['shell', 'ansible.builtin.shell', 'ansible.legacy.command'])('%s does nothing without a text', (module) => {
  const words = ['do', 'h1', '-i', 'h1,', '-m', module];
  const { status, stderr } = spawnSync(process.execPath, [orch, ...words], { cwd: folder, encoding: 'utf8' });
  expect({ status, stderr }).toEqual({ status: 5, stderr: expect.stringContaining('No argument passed to') });
});

test('a playbook is no module', () => {
  const words = ['do', 'h1', '-i', 'h1,', '-m', 'import_playbook', '-a', 'lab.yml'];
  const { status, stderr } = spawnSync(process.execPath, [orch, ...words], { cwd: folder, encoding: 'utf8' });
  expect({ status, stderr }).toEqual({ status: 5, stderr: expect.stringContaining('is not a valid action') });
});

test.each([
  { hosts: 'lost,', status: 4 },
  { hosts: 'lost,localhost,', status: 4 },
  { hosts: 'localhost,', status: 2 },
])('do ends with 4 where a host is not reached, and with 2 where one failed: $hosts', ({ hosts, status }) => {
  const at = "{{ inventory_hostname == 'lost' and 'ssh' or 'local' }}";
  const vars = JSON.stringify({ ansible_connection: at, ansible_host: '127.0.0.1', ansible_port: 1 });
  const words = ['do', 'all', '-i', hosts, '-m', 'command', '-a', 'false', '-e', vars];
  const ended = spawnSync(process.execPath, [orch, ...words], {
    cwd: folder,
    env: { ...process.env, XDG_STATE_HOME: folder },
    encoding: 'utf8',
  });
  expect(ended.status, ended.stderr).toBe(status);
});
