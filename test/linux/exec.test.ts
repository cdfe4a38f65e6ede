import { existsSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { execute } from '../../agent/linux/programs/exec.ts';
import { LiveProcess } from '../../agent/linux/programs/live-process.ts';
import { endGroups } from '../../agent/linux/programs/process-group.ts';

/** False for a zombie, too, which whoever inherited it may not have asked for yet. */
function alive(pid: number): boolean {
  return existsSync(`/proc/${pid}/stat`) && !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'));
}

it('ends all that a program has started, even what ignores being asked', async () => {
  // The program itself obeys SIGTERM; what it left in the background does not.
  const script = '(trap "" TERM; echo $(exec sh -c \'echo $PPID\'); exec sleep 30 >/dev/null 2>&1) & sleep 30';
  const done = await execute({ argv: ['sh', '-c', script] }, { timeoutMs: 1500 });
  expect(done.timedOut).toBe(true);
  const left = Number(done.stdout.trim());
  expect(left).toBeGreaterThan(1);
  await expect.poll(() => alive(left), { timeout: 5000 }).toBe(false);
});

it.each([
  ['is not there', '/no/such', 2],
  ['is not to be run', '/etc/passwd', 13],
])('says why a program that %s is not started, by the number of the error', async (_, program, rc) => {
  await expect(execute({ argv: [program] })).rejects.toMatchObject({ code: 'command-failed', result: { rc } });
});

it('keeps no more than its limit of what a program says, and says how much was cut', async () => {
  const argv = ['sh', '-c', 'head -c 300000 /dev/zero | tr "\\0" x'];
  const { stdout } = await execute({ argv }, { limit: 1000 });
  expect(stdout).toBe(`${'x'.repeat(1000)}\n[299000 more bytes were cut]`);
});

it('gives a program an empty standard input, so that nothing waits for a person', async () => {
  const done = await execute({ argv: ['cat'] }, { timeoutMs: 5000 });
  expect(done).toMatchObject({ status: 0, stdout: '', timedOut: false });
});

it('leaves no program behind when the agent itself ends', async () => {
  const running = execute({ argv: ['sleep', '30'] }, { timeoutMs: 20_000 });
  endGroups();
  expect(await running).toMatchObject({ status: 137, timedOut: false });
});

/** Keeps this process from hearing anything. */
function stall(ms: number): void {
  for (const until = performance.now() + ms; performance.now() < until; );
}

/** Starts what keeps this process busy until half a second is over, and again as it hears what has ended by then. */
async function beBusy(): Promise<void> {
  const said = execute({ argv: ['sh', '-c', 'sleep 0.2; echo'] }, { output: () => stall(600) });
  const ended = execute({ argv: ['sleep', '0.2'] }).then(() => stall(400));
  setTimeout(() => stall(200), 100);
  await Promise.all([said, ended]);
}

it('hears all that a program said, however long this process is busy as it ends', async () => {
  const done = execute({ argv: ['sh', '-c', 'sleep 0.5; echo all'] });
  await beBusy();
  expect(await done).toMatchObject({ status: 0, stdout: 'all\n' });
});

it('passes on all that a program says, however long this process is busy as it ends', async () => {
  let said = '';
  const live = LiveProcess.start({ argv: ['sh', '-c', 'sleep 0.5; echo all'] }, async (chunk) => {
    said += chunk.toString();
  });
  await beBusy();
  expect(await live.ended).toBe(0);
  expect(said).toBe('all\n');
});
