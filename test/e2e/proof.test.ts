import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import type { Engine } from '../../agent/engine/engine.ts';
import { LinuxHost } from '../../agent/linux/linux-host.ts';
import { Difference_Cause as Cause, type Proof } from '../../proto/gen/orch/v1/agent.ts';
import { destroyLab, engineOf, rollBackRun, runTasks } from './engine-runs.ts';
import { ip, ScratchNetns } from './scratch-netns.ts';

/** A namespace that somebody set up, what a lab does there, and what somebody does meanwhile. */
interface Case {
  readonly why: string;
  /** Commands inside of it; $THERE is the name of another one. */
  readonly found: readonly (string | readonly string[])[];
  readonly tasks: readonly Readonly<Record<string, Readonly<Record<string, unknown>>>>[];
  readonly meanwhile?: readonly string[];
  /** What the proof of the lab's undo says beside what it brought back: "CAUSE object: before -> after". */
  readonly differences?: readonly string[];
  /** Commands that print the same before and after. */
  readonly same?: readonly (string | readonly string[])[];
}

const cases = parse(readFileSync(join(import.meta.dirname, 'proof.yml'), 'utf8')) as readonly Case[];
const scratch = new ScratchNetns();
const folder = mkdtempSync(join(tmpdir(), 'orch-proof-'));

afterAll(() => {
  scratch.sweep();
  rmSync(folder, { recursive: true });
});

const [here, there] = [scratch.name('here'), scratch.name('there')];

function inside(commands: Case['found']): string {
  const script = `set -e\n${commands.flat().join('\n')}\n`;
  const env = { ...process.env, THERE: there };
  return execFileSync('ip', ['netns', 'exec', here, 'sh'], { input: script, encoding: 'utf8', env });
}

/** A link that gets another name is in the same namespace as the others. */
function from(params: object): object {
  return 'from_name' in params ? { from_netns: here } : {};
}

const words: Partial<Record<Cause, string>> = { [Cause.LAB]: 'lab', [Cause.SOMEONE]: 'someone' };

function said(proof: Proof | undefined): string[] {
  const differences = proof?.differences.filter(({ cause }) => cause !== Cause.RESTORED) ?? [];
  return differences.map(
    ({ cause, object, before, after }) => `${words[cause]} ${object.replace(`${here}/`, '')}: ${before} -> ${after}`,
  );
}

/** Sets the namespace up, has the lab do its tasks, and somebody what comes meanwhile; then `undo`. */
async function thereAndBack(
  { found, tasks, meanwhile = [], same = [] }: Case,
  undo: (engine: Engine) => Promise<void>,
): Promise<void> {
  const home = mkdtempSync(join(folder, 'case-'));
  const host = new LinuxHost(join(home, 'daemons'));
  const engine = engineOf(host, join(home, 'labs'));
  try {
    for (const netns of [here, there]) ip('netns', 'add', netns);
    inside(found);
    const before = inside(same);
    const items = tasks.flatMap((task) =>
      Object.entries(task).map(([module, params]) => ({
        module,
        items: [{ netns: here, ...from(params), ...params }],
      })),
    );
    expect(await runTasks(engine, items)).toEqual({ changed: tasks.length, failed: [] });
    inside(meanwhile);
    await undo(engine);
    expect(inside(same)).toBe(before);
  } finally {
    await engine.stop();
    await host.release();
    scratch.sweep();
  }
}

test.each(cases)('destroyed: $why', (given) =>
  thereAndBack(given, async (engine) => {
    const { failed, proof } = await destroyLab(engine);
    expect({ failed, differences: said(proof) }).toEqual({ failed: [], differences: given.differences ?? [] });
  }),
);

test.each(cases.filter(({ meanwhile }) => !meanwhile))('rolled back: $why', (given) =>
  thereAndBack(given, async (engine) => expect(await rollBackRun(engine)).toEqual([])),
);
