import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Report } from '../controller/report/types.ts';
import { type BenchHosts, orch } from './hosts.ts';
import { run } from './measure.ts';

const meshRounds = 3;

/** Milliseconds of each item's worth of work that the agent did in a run without changes. */
export function agentTaskMs(report: Report): readonly number[] {
  return report.tasks.filter((task) => task.status === 'ok').map((task) => task.durationMs);
}

// All namespaces of a machine share its neighbour table, and only its first namespace may set the limit.
const neighbourLimit = '/proc/sys/net/ipv4/neigh/default/gc_thresh3';

/** Measures the full mesh of 100 endpoints a few times; the task alone, in milliseconds. */
export async function meshMs(hosts: BenchHosts): Promise<readonly number[]> {
  const endpoints: Record<string, string> = {};
  for (const [host, net] of [
    ['vm01', '10.91.1'],
    ['vm02', '10.91.2'],
  ])
    for (let n = 1; n <= 50; n += 1) endpoints[`${host}/m${n}`] = `${net}.${n}`;
  const vars = join(hosts.cwd, 'mesh.json');
  const kind = hosts.driver === 'qemu' ? { kind: 'ipvlan', mode: 'l2' } : {};
  writeFileSync(vars, JSON.stringify({ endpoints, ...kind }));

  const playbook = join(import.meta.dirname, 'lab/mesh.yml');
  const samples: number[] = [];
  const limit = readFileSync(neighbourLimit, 'utf8');
  if (hosts.driver === 'netns') writeFileSync(neighbourLimit, '32768');
  try {
    for (let round = 0; round < meshRounds; round += 1) {
      await run([...orch, 'run', playbook, '-i', hosts.inventory, '-e', `@${vars}`], hosts);
      const report: Report = JSON.parse(readFileSync(join(hosts.cwd, '.orch/runs/last/report.json'), 'utf8'));
      const reached = report.reach.filter((cell) => cell.observed === 'reached').length;
      if (reached !== 9900) throw new Error(`the mesh has ${reached} of 9900 cells reached`);
      const task = report.tasks.find(({ module }) => module === 'reach');
      samples.push(task?.durationMs ?? Number.NaN);
    }
  } finally {
    if (hosts.driver === 'netns') writeFileSync(neighbourLimit, limit);
  }
  return samples;
}
