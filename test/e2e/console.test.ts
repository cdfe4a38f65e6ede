import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';

const orch = join(import.meta.dirname, '../../dist/orch.js');
let scratch: string;
beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), 'orch-console-'));
});
afterAll(() => rmSync(scratch, { recursive: true }));

test('lines of a pipe are carried out in order, and what is wrong with one ends nothing', () => {
  writeFileSync(join(scratch, 'hosts'), '[web]\nweb01\nweb02\n');
  const lines = ['cd web', 'list', 'cd nosuch', 'cd web02', 'list', 'ping data={{', 'list groups', 'exit', 'list'];
  const env = { ...process.env, XDG_STATE_HOME: scratch, NO_COLOR: '1' };
  const options = { cwd: scratch, env, input: lines.join('\n'), encoding: 'utf8' } as const;
  const done = spawnSync(process.execPath, [orch, 'console', '-i', 'hosts'], options);
  expect(done.stdout).toBe('web01\nweb02\nweb02\nall\nungrouped\nweb\n');
  expect(done.stderr).toMatch(/"nosuch"[\s\S]*orch-do\.yml/);
  expect(done.status).toBe(4);
});
