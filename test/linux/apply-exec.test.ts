import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { LinuxHost } from '../../agent/linux/linux-host.ts';
import { OrchError } from '../../proto/errors.ts';

const folder = mkdtempSync(join(tmpdir(), 'orch-apply-exec-'));
const host = new LinuxHost(folder);
afterAll(async () => {
  await host.release();
  rmSync(folder, { recursive: true });
});

const program = (...argv: string[]) => ({ op: 'exec', command: { argv } }) as const;

it('ends the program of a task that is over, with the reason for that', async () => {
  const task = new AbortController();
  const late = new OrchError({ code: 'task-timeout', summary: 'Timed out after 1 second(s).' });
  setTimeout(() => task.abort(late), 100);
  await expect(host.apply(program('sleep', '50'), task.signal)).rejects.toBe(late);
});

it('says what a program said that fails', async () => {
  const { signal } = new AbortController();
  await host.apply(program('true'), signal);
  await expect(host.apply(program('false'), signal)).rejects.toThrow('false ended with 1.');
  await expect(host.apply(program('ls', '/no/such'), signal)).rejects.toThrow(/^ls: .*No such file/);
});
