import { execFileSync, spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';

const orch = join(import.meta.dirname, '../../dist/orch.js');
const long = 'n'.repeat(300);
const play = '- hosts: localhost\n  gather_facts: false\n  tasks: [{ debug: { msg: hi } }]\n';
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'orch-paths-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const run = (args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
  spawnSync(process.execPath, [orch, ...args], {
    cwd: folder,
    env: { ...process.env, XDG_STATE_HOME: folder, ...env },
    encoding: 'utf8',
    timeout: 60_000,
  });

test.each([
  { args: ['inventory', '-i', 'h1,', '--list', '--output', long], says: 'name too long' },
  { args: ['inventory', '-i', 'h1,', '--list', '--output', '/dev/null/x'], says: 'not a directory' },
])('a path that cannot be is an error of the input: $says', ({ args, says }) => {
  const { status, stderr } = run(args);
  expect(status).toBeGreaterThan(0);
  expect(stderr).toMatch(new RegExp(`^\\[ERROR\\]: .*${says}`));
  expect(stderr).not.toMatch(/internal error|^ {4}at /m);
});

test('a folder of state that cannot be one is told with what names another', () => {
  writeFileSync(join(folder, 'acts.yml'), '- hosts: localhost\n  tasks: [{ command: "true" }]\n');
  writeFileSync(join(folder, 'none'), '');
  const { status, stderr } = run(['run', 'acts.yml'], { XDG_STATE_HOME: join(folder, 'none') });
  expect(status).toBe(4);
  expect(stderr).toMatch(/^\[ERROR\]: ENOTDIR: .*\[system-fault\]\n {2}hint: .*XDG_STATE_HOME\.$/m);
});

test('a folder of plugins that is none has none', () => {
  writeFileSync(join(folder, 'play.yml'), play);
  expect(run(['run', 'play.yml'], { ANSIBLE_FILTER_PLUGINS: '/dev/null' })).toMatchObject({ status: 0 });
});

test('a pipe in a folder of inventories keeps nobody waiting', () => {
  const inventories = mkdtempSync(join(folder, 'inventory-'));
  execFileSync('mkfifo', [join(inventories, 'pipe')]);
  writeFileSync(join(inventories, 'hosts'), 'h1\n');
  const { status, stdout } = run(['inventory', '-i', inventories, '--graph']);
  expect({ status, stdout }).toEqual({ status: 0, stdout: expect.stringContaining('h1') });
});

test('output for which there is no room is missed at the end', () => {
  writeFileSync(join(folder, 'full.yml'), play);
  const full = openSync('/dev/full', 'w');
  const { status, stderr } = spawnSync(process.execPath, [orch, 'run', 'full.yml'], {
    cwd: folder,
    env: { ...process.env, XDG_STATE_HOME: folder },
    stdio: ['ignore', full, 'pipe'],
    encoding: 'utf8',
  });
  closeSync(full);
  expect(status).toBe(4);
  expect(stderr).toMatch(
    /^\[ERROR\]: The output is not whole: ENOSPC: no space left on device, write\. \[system-fault\]$/m,
  );
  expect(stderr).not.toMatch(/^ {4}at /m);
});

test('a log for which there is no room is given up, and the run goes on', () => {
  writeFileSync(join(folder, 'full.yml'), play);
  const { status, stdout, stderr } = run(['run', 'full.yml'], { ANSIBLE_LOG_PATH: '/dev/full' });
  expect(status).toBe(0);
  expect(stdout).toContain('"msg": "hi"');
  expect(stderr.match(/log_path \/dev\/full is cut short: Error: ENOSPC/g)).toHaveLength(1);
});

test('a folder that was removed is told, not where the program broke', () => {
  const script = `cd "$(mktemp -d)" && rmdir "$PWD" && exec "${process.execPath}" "${orch}" run play.yml`;
  const { status, stderr } = spawnSync('sh', ['-c', script], { encoding: 'utf8' });
  expect({ status, stderr }).toEqual({ status: 4, stderr: expect.stringMatching(/^\[ERROR\]: The folder .*\n$/) });
});

test('a home that is said to be nothing is not the folder one stands in', () => {
  const nothing = { HOME: '', ANSIBLE_ROLES_PATH: '~/roles' };
  const { stdout } = run(
    ['do', 'localhost', '-m', 'debug', '-a', `msg={{ lookup('config', 'DEFAULT_ROLES_PATH') }}`],
    nothing,
  );
  expect(stdout).toContain(join(userInfo().homedir, 'roles'));
});
