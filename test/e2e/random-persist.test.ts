import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { Difference_Cause as Cause } from '../../proto/gen/orch/v1/agent.ts';
import type { LabTask } from './crash/lab-tasks.ts';
import { destroyLab, engineOf, rollBackRun, runTasks } from './engine-runs.ts';
import { askingForKinds, makingByHand } from './random-states/by-hand.ts';
import { Hands } from './random-states/hands.ts';
import { OneNetns } from './random-states/one-netns.ts';
import { isSettled, type Shown, show } from './random-states/shown.ts';
import { inTheWay, type RandomState, randomState, withoutStp } from './random-states/state.ts';
import { exactTasksOf, tasksOf } from './random-states/tasks.ts';
import { ScratchNetns } from './scratch-netns.ts';

/** As for random states; ORCH_TEST_STARTS of them. */
const numRuns = Number(process.env.ORCH_TEST_STARTS ?? 10);
const [seed, path] = (process.env.ORCH_TEST_SEED ?? '0').split(/:(.*)/s);
const inMemory = '/dev/shm';
const patience = { interval: 20, timeout: 40_000 };

const scratch = new ScratchNetns();
const folder = mkdtempSync(join(existsSync(inMemory) ? inMemory : tmpdir(), 'orch-starts-'));
const hands = new Hands();
let cases = 0;

afterAll(async () => {
  await hands.close();
  scratch.sweep();
  rmSync(folder, { recursive: true });
});

/** MACs that nobody has set are others in each life of a link, and with them its own address of IPv6. */
function withoutChance(shown: Shown): Shown {
  const text = JSON.stringify(shown)
    .replaceAll(/"(?!02:00:00|00:00:00|ff:ff)[0-9a-f]{2}(?::[0-9a-f]{2}){5}"/g, '"a MAC"')
    .replaceAll(/\bfe80::(?!\/)(?!ff:fe00:)[0-9a-f:]+/g, 'fe80::an address');
  return JSON.parse(text) as Shown;
}

/** What the lab's last run comes to: it adds, it is exact, or it is taken back. */
const lasts = ['adds', 'adds to an exact one', 'is exact', 'is taken back'] as const;

/**
 * A lab that persists is led to one state and to another one, and its host is started anew: what stood there by itself stands
 * again, and the agent brings the rest back.
 */
async function startedAnew(states: readonly RandomState[], last: (typeof lasts)[number]): Promise<void> {
  const [found = [], first = [], second = []] = states;
  const netns = scratch.name(`${cases++}`);
  const keys = states.flat().flatMap(({ module, params }) => (module === 'sysctl' ? String(params.name) : []));
  const host = new OneNetns(join(folder, `daemons${cases}`));
  host.netns = netns;
  const shown = async () => {
    await expect.poll(() => isSettled(hands, netns), patience).toBe(true);
    return withoutChance(await show(hands, netns, keys, true));
  };
  const labs = join(folder, netns, 'labs');
  let engine = engineOf(host, labs, 'one life');
  const run = async (tasks: readonly LabTask[], name: string) => {
    const { changed, failed } = await runTasks(engine, tasks, name, { persist: true });
    expect(failed).toEqual([]);
    return changed;
  };
  const remove = () => hands.run(`[ ! -e /run/netns/${netns} ] || ip netns delete ${netns}`);
  try {
    await hands.run(makingByHand(netns, found));
    const before = await shown();
    await run(tasksOf(netns, inTheWay([found], first)), 'room');
    await run(last === 'adds to an exact one' ? exactTasksOf(netns, first) : tasksOf(netns, first), 'first');
    await run(tasksOf(netns, inTheWay([found, first], second)), 'more room');
    const tasks = last === 'is exact' ? exactTasksOf(netns, second) : tasksOf(netns, second);
    await run(tasks, 'second');
    if (last === 'is taken back') expect(await rollBackRun(engine, 'second')).toEqual([]);
    const there = await shown();
    await engine.stop();

    await remove();
    await hands.run(makingByHand(netns, found));
    await shown();
    engine = engineOf(host, labs, 'the next life');
    // What it says cannot be brought back was not there any more either: a link was set down under its routes.
    await engine.bringBack(() => undefined);
    await expect.poll(shown, patience).toEqual(there);
    if (last !== 'is taken back') expect(await run(tasks, 'again')).toBe(0);
    const { failed, proof } = await destroyLab(engine);
    const differences = proof?.differences.filter(({ cause }) => cause !== Cause.RESTORED) ?? [];
    expect({ failed, differences }).toEqual({ failed: [], differences: [] });
    await expect.poll(shown, patience).toEqual(before);
  } finally {
    await engine.stop();
    await remove();
  }
}

/** What hangs on a link goes with it when it is made again as another kind, and nobody notes that it is not wished any more. */
function withoutHangers(state: RandomState): RandomState {
  const hangs = ({ module, params }: RandomState[number]) =>
    module === 'neighbour' || (module === 'sysctl' && /\.[lp]\d\./.test(String(params.name)));
  return state.filter((thing) => !hangs(thing));
}

const bridge = (name: string) => ({ module: 'bridge', params: { name, state: 'up' } });
const address = (text: string) => ({ module: 'address', params: { address: text, dev: 'l0' } });

test.each<[why: string, RandomState, RandomState, (typeof lasts)[number]]>([
  [
    'what an exact run removed',
    [bridge('l0'), address('10.0.0.1/24')],
    [bridge('l0'), address('10.0.0.2/24')],
    'is exact',
  ],
  [
    'a part of an exact run that was run again',
    [bridge('l0'), address('10.0.0.1/24')],
    [bridge('l0')],
    'adds to an exact one',
  ],
  [
    'what another run added',
    [bridge('l0')],
    [bridge('l1'), bridge('l0'), address('10.0.0.2/24')],
    'adds to an exact one',
  ],
])('%s: a start of the host leaves it as it was', async (_, first, second, last) => {
  await startedAnew([[], first, second], last);
});

test('what persists is back after a start of the host', { timeout: 7_200_000 }, async () => {
  const state = randomState((await hands.run(askingForKinds())).trim().split('\n'))
    .map(withoutStp)
    .map(withoutHangers);
  const property = fc.asyncProperty(fc.tuple(state, state, state), fc.constantFrom(...lasts), startedAnew);
  const repeated = path === undefined ? { numRuns, endOnFailure: true } : { path, endOnFailure: true };
  await fc.assert(property, { seed: Number(seed), ...repeated });
});
