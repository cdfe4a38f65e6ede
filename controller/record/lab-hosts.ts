import { readRun, runNames } from './read.ts';

/** How far back records are looked through: a host that no run of the lab named since is not the lab's any more. */
const looked = 50;

/** Hosts that recorded runs of a lab worked on, each once. */
export function hostsOfLab(runs: string, lab: string): readonly string[] {
  const ofLab = runNames(runs).filter((name) =>
    name.endsWith(`-${lab.replace(/[^\w.-]+/g, '_').slice(0, 60) || 'lab'}`),
  );
  const reports = ofLab.slice(0, looked).flatMap((name) => readRun(runs, name) ?? []);
  return [...new Set(reports.filter((report) => report.lab === lab).flatMap((report) => Object.keys(report.hosts)))];
}
