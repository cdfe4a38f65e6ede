import { join } from 'node:path';
import { expect } from 'vitest';
import type { DestroyReport } from '../../controller/report/destroy-text.ts';
import type { Report } from '../../controller/report/types.ts';
import type { OwnTestbed } from './own-testbed.ts';

/** A playbook that is shipped. */
export const shipped = (name: string) => join(import.meta.dirname, '../../playbooks', `${name}.yml`);

/** Runs a playbook on the testbed that is up and gives its report, whatever came of it. */
export async function runLab(testbed: OwnTestbed, playbook: string, ...options: string[]): Promise<Report> {
  const { stdout, stderr } = await testbed.orch(['run', playbook, '--output', 'json', ...options]);
  expect(stdout, stderr).toMatch(/^\{/);
  return JSON.parse(stdout) as Report;
}

/** Runs a playbook, which must go well: exit code 0, and so every cell as expected. */
export async function runWell(testbed: OwnTestbed, playbook: string, ...options: string[]): Promise<Report> {
  const report = await runLab(testbed, playbook, ...options);
  // What is found of why tells a cause from a busy machine.
  expect(surprises(report), JSON.stringify(report.why, undefined, 2)).toEqual([]);
  expect({ exit: report.exit, failures: report.failures }).toEqual({ exit: 0, failures: {} });
  return report;
}

/** The cells that are not as the playbook expects. */
export const surprises = (report: Report) =>
  report.reach.filter(({ expected, observed }) => expected !== null && expected !== observed);

/** Destroys the playbook's lab, which must leave nothing of it. */
export async function destroyWell(testbed: OwnTestbed, playbook: string, ...options: string[]): Promise<DestroyReport> {
  const { stdout, stderr } = await testbed.orch(['destroy', playbook, '--output', 'json', ...options]);
  expect(stdout, stderr).toMatch(/^\{/);
  const report = JSON.parse(stdout) as DestroyReport;
  const failed = report.hosts.filter(
    ({ failure, objects }) => failure || objects.some(({ outcome }) => outcome === 'failed'),
  );
  const different = report.hosts.flatMap(
    ({ proof }) => proof?.differences.filter(({ cause }) => cause === 'lab') ?? [],
  );
  expect({ failed, different, exit: report.exit }).toEqual({ failed: [], different: [], exit: 0 });
  return report;
}

/** Who reaches whom, as `from to`: a table to compare with. */
export function reached(report: Report): Readonly<Record<string, string>> {
  return Object.fromEntries(report.reach.map(({ from, to, observed }) => [`${from} ${to}`, observed]));
}
