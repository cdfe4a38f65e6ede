import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import type { Engine } from '../../agent/engine/engine.ts';
import { goneReason } from '../../agent/engine/steps/guard.ts';
import { OrchError } from '../../proto/errors.ts';
import { Difference_Cause as Cause } from '../../proto/gen/orch/v1/agent.ts';
import type { LabTask } from './crash/lab-tasks.ts';
import { destroyLab, engineOf, type Lived, rollBackRun, runTasks } from './engine-runs.ts';
import { askingForKinds, makingByHand } from './random-states/by-hand.ts';
import { Hands } from './random-states/hands.ts';
import { mortal } from './random-states/mortal.ts';
import { OneNetns } from './random-states/one-netns.ts';
import { isSettled, problems, type Shown, show, withoutTaken } from './random-states/shown.ts';
import { inTheWay, type RandomState, randomNeighbours, randomState, withoutStp } from './random-states/state.ts';
import { exactTasksOf, tasksOf } from './random-states/tasks.ts';
import { ScratchNetns } from './scratch-netns.ts';

/** As for random states; of these there are fewer, ORCH_TEST_UNDOS of each kind. */
const numRuns = Number(process.env.ORCH_TEST_UNDOS ?? 10);
const [seed, path] = (process.env.ORCH_TEST_SEED ?? '0').split(/:(.*)/s);
const inMemory = '/dev/shm';
const patience = { interval: 20, timeout: 40_000 };
const none: Lived = { changed: 0, failed: [] };

const scratch = new ScratchNetns();
const folder = mkdtempSync(join(existsSync(inMemory) ? inMemory : tmpdir(), 'orch-undo-'));
const hands = new Hands();
const host = new OneNetns(join(folder, 'daemons'));
let cases = 0;

afterAll(async () => {
  await hands.close();
  scratch.sweep();
  rmSync(folder, { recursive: true });
});

/** A namespace as somebody left it, and agents there, one after the other. */
interface Place {
  readonly netns: string;
  /** The next agent, which keeps its processes as while a run is under way. */
  readonly agent: (on?: OneNetns) => Promise<Engine>;
  /** Without what bridges take from their ports, or as it is. */
  readonly shown: (as?: typeof withoutTaken) => Promise<Shown>;
}

/** Tries something in a namespace where this is found, and holds that against what is there in the end. */
async function inPlace(states: readonly RandomState[], trial: (place: Place) => Promise<void>): Promise<void> {
  const netns = scratch.name(`${cases++}`);
  const keys = states.flat().flatMap(({ module, params }) => (module === 'sysctl' ? String(params.name) : []));
  const agents: Engine[] = [];
  host.netns = netns;
  const shown = async (as = withoutTaken) => {
    await expect.poll(() => isSettled(hands, netns), patience).toBe(true);
    return as(await show(hands, netns, keys, true));
  };
  const agent = async (on = host) => {
    const engine = engineOf(on, join(folder, netns, 'labs'));
    await engine.open({ lab: 'other', run: `other ${agents.push(engine)}`, holder: 'test', waitMs: 0 });
    return engine;
  };
  try {
    await hands.run(makingByHand(netns, states[0] ?? []));
    const before = await shown();
    await trial({ netns, agent, shown });
    await expect.poll(() => shown(), patience).toEqual(before);
  } finally {
    await agents.at(-1)?.stop();
    await hands.run(`[ ! -e /run/netns/${netns} ] || ip netns delete ${netns}`);
  }
}

/** Another lab has it from now on, or a rollback that was broken off had another link there already. */
const leftWell = /(?:wishes it too|brought it about|someone else made another link of this name)$/;

/** `alone`: no other lab is left, so nothing may differ from what was found. */
async function destroyed(engine: Engine, lab: string, alone = true): Promise<void> {
  const { failed, proof } = await destroyLab(engine, lab);
  const isBad = (cause: Cause) => (alone ? cause !== Cause.RESTORED : cause === Cause.LAB);
  expect(failed.filter((reason) => !leftWell.test(reason))).toEqual([]);
  expect(proof?.differences.filter(({ cause }) => isBad(cause)) ?? []).toEqual([]);
}

/** Whether another lab was in the way. */
async function refused(undo: Promise<void>): Promise<boolean> {
  try {
    await undo;
    return false;
  } catch (error) {
    if (error instanceof OrchError && error.code === 'lab-conflict') return true;
    throw error;
  }
}

const ends = ['newer first', 'older first', 'newer rolled back', 'older rolled back'] as const;

/** A lab on top of another one, which may have taken away what was found; either is undone, and the other one stands. */
async function twoLabs(
  found: RandomState,
  [older, newer]: readonly [RandomState, RandomState],
  isExact: boolean,
  end: (typeof ends)[number],
): Promise<void> {
  await inPlace([found, older, newer], async ({ netns, agent, shown }) => {
    const engine = await agent();
    const run = (lab: string, state: RandomState, name = lab, check = false) =>
      runTasks(engine, tasksOf(netns, state), name, { check }, lab);
    /** Whether it is there: what another lab or the kernel does not let it have is not. */
    const stands = async (lab: string, state: RandomState) => {
      const { changed, failed } = await run(lab, state, 'look', true);
      return changed === 0 && failed.length === 0;
    };
    if (isExact) {
      const room = await run('older', inTheWay([found], older), 'room');
      const whole = await runTasks(engine, exactTasksOf(netns, older), 'older', {}, 'older');
      expect([...room.failed, ...whole.failed]).toEqual([]);
    } else await run('older', older);
    const alone = await shown();
    const { failed } = await run('newer', newer);
    for (const reason of failed.filter((each) => / lab older /.test(each)))
      expect(reason).toMatch(/since its run older/);
    const both = await shown();
    const [hasOlder, hasNewer] = [await stands('older', older), await stands('newer', newer)];
    const check = async (lab: string, state: RandomState, had: boolean) => {
      if (had) expect(await run(lab, state, `${lab} again`)).toEqual(none);
    };
    const rolledBack = async (lab: string) => {
      const runs = isExact && lab === 'older' ? ['older', 'room'] : [lab];
      for (const name of runs) expect(await rollBackRun(engine, name, lab)).toEqual([]);
    };
    if (end.startsWith('older')) {
      const isRefused = await refused(end === 'older first' ? destroyed(engine, 'older', false) : rolledBack('older'));
      if (isRefused) expect(await shown()).toEqual(both);
      else await check('newer', newer, hasNewer);
    } else {
      const isRefused = await refused(end === 'newer first' ? destroyed(engine, 'newer', false) : rolledBack('newer'));
      if (!isRefused && hasOlder) await expect.poll(() => shown(), patience).toEqual(alone);
      if (!isRefused) await check('older', older, hasOlder);
    }
    await destroyed(engine, 'newer', false);
    await destroyed(engine, 'older');
  });
}

const deeds = ['run', 'destroy', 'rollback'] as const;
type Deed = (typeof deeds)[number];

interface Death {
  readonly deed: Deed;
  readonly at: number;
  readonly when: 'before' | 'after';
  /** What the next agent does before it destroys the lab. */
  readonly next: Deed;
}

/** An agent is killed within what it does, and the next one does that, or something else. */
async function killed(states: readonly RandomState[], { deed, at, when, next }: Death): Promise<void> {
  const [found = [], first = [], second = []] = states;
  await inPlace(states, async ({ netns, agent, shown }) => {
    let engine = await agent();
    const exact = exactTasksOf(netns, second);
    const run = async (tasks: readonly LabTask[], name: string) => {
      const { changed, failed } = await runTasks(engine, tasks, name);
      expect(failed).toEqual([]);
      return changed;
    };
    const makeRoom = (earlier: readonly RandomState[], state: RandomState, name: string) =>
      run(tasksOf(netns, inTheWay(earlier, state)), name);
    await makeRoom([found], first, 'room');
    const before = await shown();
    await run(tasksOf(netns, first), 'first');
    const hasRoom = (await makeRoom([found, first], second, 'more room')) > 0;
    const between = await shown();
    await engine.stop();

    const { host: dying, died } = mortal(host, { at, when });
    engine = await agent(dying);
    const undone = deed === 'run' ? ['second'] : hasRoom ? ['more room', 'first'] : ['first'];
    const rollBack = async () => {
      const reasons = [];
      for (const each of undone) reasons.push(...(await rollBackRun(engine, each)));
      // An agent before this one has undone it.
      expect(reasons.filter((reason) => !reason.endsWith(goneReason))).toEqual([]);
    };
    const deedDone = deed === 'run' ? run(exact, 'second') : deed === 'destroy' ? destroyed(engine, 'lab') : rollBack();
    if ((await Promise.race([died, deedDone])) !== 'died') await engine.stop();
    engine = await agent();
    if (next === 'rollback' && deed !== 'destroy') {
      await rollBack();
      await expect.poll(() => shown(), patience).toEqual(deed === 'run' ? between : before);
    }
    if (next === 'run') {
      await makeRoom([found, first], second, 'room again');
      await run(exact, 'next');
      expect(await run(exact, 'next again')).toBe(0);
      expect(problems(second, await shown((all) => all))).toEqual([]);
    }
    await destroyed(engine, 'lab');
  });
}

async function kinds(): Promise<readonly string[]> {
  return (await hands.run(askingForKinds())).trim().split('\n');
}

// A path names one case.
const options = {
  seed: Number(seed),
  endOnFailure: true,
  ...(path === undefined ? { numRuns } : { path, numRuns: 1 }),
};

test('of two labs either is undone, and the other one stays as it was', { timeout: 7_200_000 }, async () => {
  const all = await kinds();
  const pair = randomNeighbours(all);
  await fc.assert(fc.asyncProperty(randomState(all), pair, fc.boolean(), fc.constantFrom(...ends), twoLabs), options);
});

test('what an agent was killed at, the next one ends or takes back', { timeout: 7_200_000 }, async () => {
  const state = randomState(await kinds()).map(withoutStp);
  const death = fc.record({
    deed: fc.constantFrom(...deeds),
    at: fc.integer({ min: 1, max: 14 }),
    when: fc.constantFrom('before' as const, 'after' as const),
    next: fc.constantFrom(...deeds),
  });
  await fc.assert(fc.asyncProperty(fc.tuple(state, state, state), death, killed), options);
});
