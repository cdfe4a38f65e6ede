import { setTimeout as sleep } from 'node:timers/promises';
import { OrchError } from '../../../proto/errors.ts';
import { membersOf, type ProcessStat, runs } from './processes.ts';

const lookMs = 20;
/** A process that SIGKILL does not end hangs in the kernel. */
const killedMs = 5000;

export interface Ending {
  readonly mark: string;
  readonly leader: number | undefined;
  readonly signal: NodeJS.Signals;
  /** From the signal to SIGKILL. */
  readonly timeoutMs: number;
}

/** Ends all of a daemon's processes. Throws OrchError 'command-failed' when some do not end even when killed. */
export async function endProcesses({ mark, leader, signal, timeoutMs }: Ending): Promise<void> {
  let members = membersOf(mark, leader);
  send(members, signal);
  members = await waitFor(members, timeoutMs);
  const deadline = performance.now() + killedMs;
  // What was started meanwhile is no member of before.
  for (members = membersOf(mark, leader); members.length > 0; members = membersOf(mark, leader)) {
    if (performance.now() > deadline) {
      const pids = members.map(({ pid }) => pid).join(', ');
      throw new OrchError({ code: 'command-failed', summary: `Processes do not end when they are killed: ${pids}.` });
    }
    send(members, 'SIGKILL');
    await waitFor(members, lookMs);
  }
}

function send(members: readonly ProcessStat[], signal: NodeJS.Signals): void {
  for (const { pid } of members) {
    try {
      process.kill(pid, signal);
    } catch {
      // It ended meanwhile.
    }
  }
}

/** Those that still run once the time is over. */
async function waitFor(members: readonly ProcessStat[], ms: number): Promise<ProcessStat[]> {
  const alive = () => members.filter(({ pid, startTime }) => runs(pid, startTime));
  const deadline = performance.now() + ms;
  let left = alive();
  while (left.length > 0 && performance.now() < deadline) {
    await sleep(lookMs);
    left = alive();
  }
  return left;
}
