import type { ExitCode, Report } from '../report/types.ts';

const byGravity: readonly ExitCode[] = [0, 3, 2, 4, 130];

/** Exit code of several runs: the gravest. */
export function worstExit(a: ExitCode, b: ExitCode): ExitCode {
  return byGravity.indexOf(a) > byGravity.indexOf(b) ? a : b;
}

/** What an agent keeps of a run: its own host's counts. */
export function hostSummaries({ hosts }: Pick<Report, 'hosts'>): (host: string) => unknown {
  return (host) => hosts[host] ?? {};
}
