import { readFileSync } from 'node:fs';

/** Processes that a process has started, by number and command line (its words end with \0). */
export function children(of: number | string = process.pid): { pid: string; line: string }[] {
  const pids = readFileSync(`/proc/${of}/task/${of}/children`, 'utf8').split(' ').filter(Boolean);
  return pids.map((pid) => ({ pid, line: readFileSync(`/proc/${pid}/cmdline`, 'utf8') }));
}

/** Those that are an ip or wait to become one; a shell has started them. */
