import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { UserFiles } from '../../agent/linux/user-files/user-files.ts';

const agent = [process.execPath, join(import.meta.dirname, '../../dist/agent.cjs')] as const;
const isRoot = process.geteuid?.() === 0;
const [uid, gid] = isRoot ? [65534, 65534] : [process.getuid?.() ?? 0, process.getgid?.() ?? 0];

/** A group of this run's only. */
const mark = 1_000_000 + 2 * process.pid;

/** The process that has this group as its user's last one: only a test's. */
function processOf(group: number): number {
  const command = ['files', '--ids', `${uid},${gid},${group}`].join('\0');
  const found = readdirSync('/proc').find(
    (pid) =>
      /^\d+$/.test(pid) &&
      existsSync(`/proc/${pid}/cmdline`) &&
      readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes(command),
  );
  if (found === undefined) throw new Error('there is no such process');
  return Number(found);
}

/** Stops a process; its threads do some work more until the kernel has told all of them. */
async function stop(pid: number): Promise<void> {
  process.kill(pid, 'SIGSTOP');
  const state = () => readFileSync(`/proc/${pid}/stat`, 'latin1').replace(/.*\) /, '')[0];
  await expect.poll(state, { interval: 5 }).toBe('T');
}

// Only root may choose the groups.
it.runIf(isRoot)('does not wait for a process that its user has stopped', async () => {
  const files = new UserFiles(agent, [uid, gid, mark]);
  expect((await files.stat('/'))?.kind).toBe('directory');
  const pid = processOf(mark);
  await stop(pid);
  await files.close();
  expect(existsSync(`/proc/${pid}`)).toBe(false);
});

it.runIf(isRoot).each([
  ['while others wait for its end', true],
  ['while nobody does', false],
])('does not wait for what a stopped process was asked, %s', async (_name, closed) => {
  const files = new UserFiles(agent, [uid, gid, mark + 1]);
  await files.stat('/');
  const pid = processOf(mark + 1);
  await stop(pid);
  const asked = files.stat('/').catch((error: Error) => error.message);
  if (closed) await files.close();
  expect(await asked).toContain('gone: it ended');
  expect(existsSync(`/proc/${pid}`)).toBe(false);
});

it.runIf(isRoot)("lets no signal of its user's open it to a debugger", async () => {
  const [node, program] = agent;
  const child = spawn(node, [program, 'files', '--ids', `${uid},${gid},${gid}`], {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    serialization: 'advanced',
  });
  let said = '';
  child.stderr?.on('data', (chunk) => (said += chunk));
  await answer(child);
  child.kill('SIGUSR1');
  // Node says it on a thread of its own.
  for (let count = 0; count < 5; count++) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    await answer(child);
  }
  child.kill('SIGKILL');
  expect(said).toBe('');
});

function answer(child: ChildProcess): Promise<unknown> {
  child.send({ id: 1, ask: 'stat', path: '/' });
  return once(child, 'message');
}
