// Runs on a host: kills an agent at every boundary of a lab's steps, one after the other, and says what came of each.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Lived } from '../engine-runs.ts';
import { addressesSettled, stateQuestions } from '../state-questions.ts';
import { dieAt } from './crashing-host.ts';
import { type Deeds, engineProcess } from './engine-process.ts';
import type { LabTask } from './lab-tasks.ts';

type Order = readonly [at: number, when: 'before' | 'after'];
type Outcome = 'run' | 'destroy';

/** What `node driver.cjs` is given on its standard input. */
export interface Wanted {
  readonly tasks: readonly LabTask[];
  /** Each boundary with each outcome, or with one of them in turn. */
  readonly outcomes: 'both' | 'alternate';
  /** Which of them: every `of`th, from `nth` on. */
  readonly share: { readonly nth: number; readonly of: number };
}

export interface Crashed {
  readonly boundary: string;
  readonly outcome: Outcome;
  /** Why it was not as it should be. */
  readonly wrong: readonly string[];
}

const [word, folder] = process.argv.slice(2);
const deeds = (['run', 'destroy', 'both'] as const).find((one) => one === word);
const labsDir = folder ?? join(mkdtempSync(join(tmpdir(), 'orch-crash-')), 'labs');

/** What the process does has deadlines of its own, and an emulated host takes any time for it. */
const lastResortMs = 600_000;

/** A process of its own; undefined when it was killed. */
function life(deeds: Deeds, tasks: readonly LabTask[], order?: Order): Lived | undefined {
  if (order !== undefined) writeFileSync(dieAt, order.join(' '));
  const input = JSON.stringify(tasks);
  const { status, signal, stdout, stderr } = spawnSync(
    process.execPath,
    [...process.execArgv, __filename, deeds, labsDir],
    { input, timeout: lastResortMs, killSignal: 'SIGTERM' },
  );
  if (signal === 'SIGKILL') return undefined;
  if (status !== 0) throw new Error(`${deeds} ended with ${status}: ${stderr}`);
  return JSON.parse(stdout.toString()) as Lived;
}

/** Boundaries of the steps that this takes. */
function boundaries(verb: 'run' | 'destroy', tasks: readonly LabTask[]): Order[] {
  const many = 100_000;
  life(verb, tasks, [many, 'before']);
  const steps = many - Number(readFileSync(dieAt, 'utf8').split(' ')[0]);
  rmSync(dieAt);
  return Array.from({ length: steps }, (_, at) => at + 1).flatMap((at) => [
    [at, 'before'],
    [at, 'after'],
  ]);
}

function state(): Readonly<Record<string, string>> {
  const sh = (command: string) =>
    execFileSync('sh', ['-c', `${command}; true`], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  sh(addressesSettled);
  return Object.fromEntries(Object.entries(stateQuestions).map(([name, command]) => [name, sh(command)]));
}

function kill(verb: 'run' | 'destroy', tasks: readonly LabTask[], order: Order): string[] {
  if (life(verb, tasks, order) === undefined && !existsSync(dieAt)) return [];
  rmSync(dieAt, { force: true });
  return ['it was not killed'];
}

/** Leads the host on from where the agent died: another run that must converge, and the undo that must be proved. */
function goOn(outcome: Outcome, tasks: readonly LabTask[], before: Readonly<Record<string, string>>): string[] {
  const undone = life(outcome === 'run' ? 'both' : 'destroy', tasks);
  const wrong = [...(undone?.failed ?? ['what came next was killed'])];
  wrong.push(...(undone?.proof?.differences ?? []).map((one) => `${one.object} was ${one.before}, is ${one.after}`));
  const now = state();
  for (const [name, was] of Object.entries(before))
    if (now[name] !== was) wrong.push(`${name}: ${was} became ${now[name]}`);
  if (existsSync(join(labsDir, 'lab.ndjson')) || existsSync(join(labsDir, 'lab.snapshot')))
    wrong.push('files are left');
  return wrong;
}

function crashAll({ tasks, outcomes, share }: Wanted): readonly Crashed[] {
  const before = state();
  const ofRun = boundaries('run', tasks).map((order) => ({ verb: 'run', order }) as const);
  const ofDestroy = boundaries('destroy', []).map((order) => ({ verb: 'destroy', order }) as const);
  const all = [...ofRun, ...ofDestroy].flatMap(({ verb, order }, index) => {
    // A step's two sides get the two outcomes, and the next step's the other way round.
    const one: Outcome = (index + Math.floor(index / 2)) % 2 === 0 ? 'run' : 'destroy';
    const wanted: readonly Outcome[] = outcomes === 'both' ? ['run', 'destroy'] : [one];
    return wanted.map((outcome) => ({ verb, order, outcome }));
  });
  return all
    .filter((_, index) => index % share.of === share.nth)
    .map(({ verb, order, outcome }) => {
      if (verb === 'destroy') life('run', tasks);
      const wrong = [...kill(verb, tasks, order), ...goOn(outcome, tasks, before)];
      return { boundary: `${verb}, ${order[1]} step ${order[0]}`, outcome, wrong };
    });
}

async function main(): Promise<void> {
  const given: unknown = JSON.parse(readFileSync(0, 'utf8'));
  const said =
    deeds === undefined ? crashAll(given as Wanted) : await engineProcess(labsDir, deeds, given as LabTask[]);
  if (deeds === undefined) rmSync(dirname(labsDir), { recursive: true });
  // Processes that the host keeps ready would keep this one alive.
  process.stdout.write(JSON.stringify(said), () => process.exit());
}

main().catch((error: unknown) => {
  process.stderr.write(String(error instanceof Error ? error.stack : error));
  process.exit(1);
});
