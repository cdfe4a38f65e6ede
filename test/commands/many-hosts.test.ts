import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const orch = join(import.meta.dirname, '../../dist/orch.js');

test.each(['status', 'agent status'])('orch %s has no more to say of twelve hosts than of one', (command) => {
  const folder = mkdtempSync(join(tmpdir(), 'orch-many-'));
  const gone = { ansible_host: '127.0.0.1', ansible_port: 1 };
  const hosts = Object.fromEntries(Array.from({ length: 12 }, (_, at) => [`h${at}`, gone]));
  writeFileSync(join(folder, 'hosts.json'), JSON.stringify({ all: { hosts } }));
  const args = [orch, ...command.split(' '), '-i', 'hosts.json'];
  const env = { ...process.env, XDG_STATE_HOME: folder };
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: folder, env, encoding: 'utf8' });
  rmSync(folder, { recursive: true });
  expect({ status, said: stdout + stderr }).toEqual({ status: 2, said: expect.stringContaining('h11') });
  expect(stderr).not.toContain('Warning');
});
