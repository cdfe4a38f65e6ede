import { readdirSync, readFileSync } from 'node:fs';

/** The variable by which the processes of a daemon are known, whatever groups and sessions they make. */
export const markVariable = 'ORCH_DAEMON';

/** Of /proc/PID/stat (proc_pid_stat(5)). */
export interface ProcessStat {
  readonly pid: number;
  readonly parent: number;
  readonly session: number;
  /** Clock ticks after boot: with the pid it names one process, though pids are used again. */
  readonly startTime: number;
  /** Ended, and only waits to be reaped. */
  readonly dead: boolean;
  readonly stopped: boolean;
}

export function processStat(pid: number): ProcessStat | undefined {
  try {
    return parseStat(readFileSync(`/proc/${pid}/stat`, 'latin1'));
  } catch {
    return undefined;
  }
}

/** The program's name, in parentheses, may itself hold blanks and parentheses. */
export function parseStat(text: string): ProcessStat | undefined {
  const pid = Number.parseInt(text, 10);
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const [state = '', parent, , session] = fields;
  const startTime = Number(fields[19]);
  if (!(pid > 0) || !Number.isSafeInteger(startTime)) return undefined;
  const is = (states: string) => states.includes(state);
  return { pid, parent: Number(parent), session: Number(session), startTime, dead: is('ZXx'), stopped: is('T') };
}

/** True while this very process runs. */
export function runs(pid: number, startTime: number): boolean {
  const stat = processStat(pid);
  return stat !== undefined && !stat.dead && stat.startTime === startTime;
}

/** Of all processes that run. */
export function allProcesses(): ProcessStat[] {
  return readdirSync('/proc').flatMap((name) => {
    const stat = /^\d+$/.test(name) ? processStat(Number(name)) : undefined;
    return stat === undefined || stat.dead ? [] : [stat];
  });
}

/** The mark in the environment that a process was started with. */
export function markOf(pid: number): string | undefined {
  try {
    const environment = readFileSync(`/proc/${pid}/environ`, 'latin1');
    const entry = environment.split('\0').find((each) => each.startsWith(`${markVariable}=`));
    return entry?.slice(markVariable.length + 1);
  } catch {
    return undefined;
  }
}

/**
 * A daemon's processes: its session, those that bear its mark, and their descendants. A process gets lost only by a session
 * and an environment of its own, from a parent that ended. `leader` undefined: its number may be another's by now.
 */
export function membersOf(mark: string, leader: number | undefined): ProcessStat[] {
  const all = allProcesses();
  const members = new Set(
    all.filter(({ pid, session }) => session === leader || markOf(pid) === mark).map(({ pid }) => pid),
  );
  for (let before = -1; before !== members.size; ) {
    before = members.size;
    for (const { pid, parent } of all) if (members.has(parent)) members.add(pid);
  }
  members.delete(process.pid);
  return all.filter(({ pid }) => members.has(pid));
}
