import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import type { Report } from '../controller/report/types.ts';
import type { AgentFigures } from './agent-noop.ts';
import { type BenchHosts, orch } from './hosts.ts';
import type { LanguageFigures } from './language.ts';
import { run, type Timing, timing } from './measure.ts';
import type { SimulatedFigures } from './simulated.ts';

const meshRounds = 3;
const helpRounds = 15;

/** Whole processes of `orch --help`. */
export async function helpTiming(): Promise<Timing> {
  const samples: number[] = [];
  for (let round = 0; round < helpRounds; round += 1) samples.push((await run([...orch, '--help'])).ms);
  return timing(samples);
}

/** What a script of this folder writes with --json; bundled as orch is, in a process and with a memory of its own. */
async function figures<T>(script: string, ...args: string[]): Promise<T> {
  const folder = mkdtempSync(join(import.meta.dirname, '../dist/bench-'));
  const file = join(folder, 'figures.json');
  const program = join(folder, 'program.mjs');
  try {
    await build({
      entryPoints: [join(import.meta.dirname, script)],
      outfile: program,
      bundle: true,
      format: 'esm',
      platform: 'node',
      packages: 'external',
      logLevel: 'warning',
    });
    const argv = [process.execPath, program, '--json', file, ...args];
    await run(argv, { cwd: join(import.meta.dirname, '..'), timeoutMs: 600_000 });
    return JSON.parse(readFileSync(file, 'utf8')) as T;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** An agent on this machine. Needs root. */
export const agentFigures = () => figures<AgentFigures>('agent-noop.ts');

/** A thousand simulated agents. */
export const simulatedFigures = () => figures<SimulatedFigures>('simulated.ts');

/** A long playbook on two hundred. */
export const longFigures = () =>
  figures<SimulatedFigures>('simulated.ts', '--hosts', '200', '--tasks', '2000', '--halve', 'tasks');

/** Conditions, templates, an inventory. */
export const languageFigures = () => figures<LanguageFigures>('language.ts');

/** Size of the agent: what starts it, and its program. */
export function bundleBytes(): number {
  const sizes = ['agent.cjs', 'agent-program.cjs'].map(
    (name) => statSync(join(import.meta.dirname, '../dist', name)).size,
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}

// All namespaces of a machine share its neighbour table, and only its first namespace may set the limit.
const neighbourLimit = '/proc/sys/net/ipv4/neigh/default/gc_thresh3';

/** The full mesh of 100 endpoints, a few times; the task alone. Needs root, for the neighbour limit of this machine. */
export async function meshTiming(hosts: BenchHosts): Promise<Timing> {
  const endpoints = Object.fromEntries(Array.from({ length: 100 }, (_, n) => [`vm01/m${n + 1}`, `10.91.1.${n + 1}`]));
  const vars = join(hosts.cwd, 'mesh.json');
  writeFileSync(vars, JSON.stringify({ endpoints }));

  const playbook = join(import.meta.dirname, 'lab/mesh.yml');
  const samples: number[] = [];
  const limit = readFileSync(neighbourLimit, 'utf8');
  writeFileSync(neighbourLimit, '32768');
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
    writeFileSync(neighbourLimit, limit);
  }
  return timing(samples);
}
