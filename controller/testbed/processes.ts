import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { OrchError } from '../../proto/errors.ts';
import type { ProcessId } from './state.ts';

const killDeadlineMs = 10_000;

/** Boot id and start time of a living process; nothing when it is gone or a zombie. */
function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The command name, in parentheses, may itself hold blanks and parentheses.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (fields[0] === 'Z' || fields[0] === 'X') return undefined;
    return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()}:${fields[19]}`;
  } catch {
    return undefined;
  }
}

/** @throws OrchError testbed-failed when there is no such process. */
export function identify(pid: number | undefined, what: string): ProcessId {
  const start = pid === undefined ? undefined : startOf(pid);
  if (pid === undefined || start === undefined) {
    throw new OrchError({ code: 'testbed-failed', summary: `${what} ended as soon as it was started.` });
  }
  return { pid, start };
}

export function isAlive(process: ProcessId): boolean {
  return startOf(process.pid) === process.start;
}

function children(pid: number): number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

function signal(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/**
 * Kills a process of the testbed and waits until it is gone. A host of the netns driver is `unshare` waiting for the
 * init of a pid namespace: that child is killed, so that when `unshare` ends, all of the host's processes have.
 */
export async function kill(target: ProcessId): Promise<void> {
  const deadline = Date.now() + killDeadlineMs;
  while (isAlive(target)) {
    const inner = children(target.pid);
    for (const pid of inner.length > 0 ? inner : [target.pid]) signal(pid);
    if (Date.now() > deadline) {
      throw new OrchError({
        code: 'testbed-failed',
        summary: `Process ${target.pid} of the testbed could not be killed within ${killDeadlineMs / 1000} s.`,
      });
    }
    await delay(20);
  }
}
