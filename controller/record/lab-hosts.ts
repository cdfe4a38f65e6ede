import type { Report } from '../report/types.ts';
import { readRun, runNames } from './read.ts';

/** How far back records are looked through: a host that no run of the lab named since is not the lab's any more. */
const looked = 50;

/** Hosts that recorded runs of a lab may have worked on, each once. */
export function hostsOfLab(runs: string, lab: string): readonly string[] {
  const reports = namesOf(runs, lab).flatMap((name) => readRun(runs, name) ?? []);
  return [...new Set(reports.filter((report) => report.lab === lab).flatMap(reachedHosts))];
}

/** Without those that could not even be connected to: a host that was lost later has maybe changed. */
function reachedHosts({ hosts, failures }: Report): readonly string[] {
  return Object.entries(hosts).flatMap(([host, { ok, failed, unreachable }]) =>
    unreachable > 0 && ok + failed === 0 && failures[host]?.code !== 'connection-lost' ? [] : [host],
  );
}

/** The lab's newest run on record; undefined where none is. */
export function newestOfLab(runs: string, lab: string): string | undefined {
  return namesOf(runs, lab).find((name) => readRun(runs, name)?.lab === lab);
}

/** Names of runs end with that of their lab, as far as it fits: these may be the lab's. */
function namesOf(runs: string, lab: string): readonly string[] {
  const end = `-${lab.replace(/[^\w.-]+/g, '_').slice(0, 60) || 'lab'}`;
  return runNames(runs)
    .filter((name) => name.endsWith(end))
    .slice(0, looked);
}
