import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterAll, expect, test } from 'vitest';

const program = join(import.meta.dirname, '../../dist/orch.js');
const folder = mkdtempSync(join(tmpdir(), 'orch-inventory-command-'));
for (const name of ['prod', 'group_vars', 'host_vars']) mkdirSync(join(folder, name));
writeFileSync(join(folder, 'prod/hosts'), '[web]\nh1\n[db]\nh2\nh3\n');
writeFileSync(join(folder, 'group_vars/web.yml'), 'a: 1\n');
writeFileSync(join(folder, 'host_vars/h1.yml'), 'b: 2\n');
afterAll(() => rmSync(folder, { recursive: true }));

function run(words: readonly string[], inventory = 'prod') {
  const args = [program, 'inventory', `--inventory=${inventory}`, ...words];
  return spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8' });
}

const read = (...words: string[]): unknown => JSON.parse(run(words).stdout);

test("what stands in the present folder counts for hosts, and is told as nobody's own", () => {
  expect(read('--list', '--export')).toMatchObject({ _meta: { hostvars: {} }, web: { hosts: ['h1'] } });
  expect(read('--list', '--export')).not.toHaveProperty('web.vars');
  expect(read('--list', '--export', '--playbook-dir=.')).toMatchObject({
    _meta: { hostvars: { h1: { b: 2 } } },
    web: { vars: { a: 1 } },
  });
  expect(run(['--graph', '--vars', 'web']).stdout).toBe('@web:\n  |--h1\n  |  |--{a = 1}\n  |  |--{b = 2}\n');
});

test('--host is a pattern of one host', () => {
  for (const host of ['h1', 'h1*', 'web', 'web[0]']) expect(read('--host', host)).toEqual({ a: 1, b: 2 });
  for (const host of ['db', 'h9']) expect(run(['--host', host])).toMatchObject({ status: 5, stdout: '' });
});

test('of options that are given twice the last one counts', () => {
  expect(read('--list', '-l', 'h1', '--limit=h2')).toMatchObject({ db: { hosts: ['h2'] } });
  expect(read('--list', '-l', 'h1', '--limit=h2')).not.toHaveProperty('web.hosts');
  expect(read('--host', 'h2', '--host', 'h1')).toEqual({ a: 1, b: 2 });
  expect(run(['--list', '--output', 'no/such', '--output', 'told'])).toMatchObject({ status: 0, stdout: '' });
});

test('a file that cannot be written ends it as in Ansible', () => {
  expect(run(['--list', '--output', 'no/such'])).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('no/such'),
  });
});

test('inventories may be in the home folder', () => {
  const file = `~/${relative(homedir(), join(folder, 'prod/hosts'))}`;
  expect(JSON.parse(run(['--host', 'web'], file).stdout)).toEqual({ a: 1, b: 2 });
});
