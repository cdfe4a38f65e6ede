import { listens } from './listening.ts';
import type { DaemonLog } from './log.ts';
import { membersOf } from './processes.ts';
import type { ReadyWhen } from './spec.ts';

/** Of its output, what is searched for the line. */
const searchedBytes = 1024 * 1024;

export interface Start {
  readonly mark: string;
  readonly pid: number;
  readonly startedMs: number;
  /** Where its output begins in the log. */
  readonly logFrom: number;
}

/** What is still missing for the daemon to be ready, in words; undefined when it is. */
export function missingFor(when: ReadyWhen, start: Start, log: DaemonLog): string | undefined {
  const { port, log: pattern, seconds } = when;
  if (Date.now() - start.startedMs < seconds * 1000) return `it is not up for ${seconds} s yet`;
  if (pattern !== undefined && !new RegExp(pattern, 'm').test(textFrom(log, start.logFrom))) {
    return `its output does not match ${JSON.stringify(pattern)}`;
  }
  if (port === undefined) return undefined;
  const pids = membersOf(start.mark, start.pid).map(({ pid }) => pid);
  return listens(pids, port) ? undefined : `it does not listen on TCP port ${port}`;
}

function textFrom(log: DaemonLog, from: number): string {
  return log.read(from, searchedBytes).bytes.toString('utf8');
}
