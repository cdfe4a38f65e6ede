import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import type { Engine } from '../../agent/engine/engine.ts';
import { LinuxHost } from '../../agent/linux/linux-host.ts';
import { Difference_Cause as Cause } from '../../proto/gen/orch/v1/agent.ts';
import type { LabTask } from './crash/lab-tasks.ts';
import { destroyLab, engineOf, type Lived, runTasks } from './engine-runs.ts';
import { isSix, linesOf } from './random-states/by-hand.ts';
import { ask, problems, show, superfluous } from './random-states/shown.ts';
import { type RandomState, randomState, type Thing } from './random-states/state.ts';
import { ip, ScratchNetns } from './scratch-netns.ts';

/**
 * Always the same states, so that a run that changes nothing here fails or passes as the last one did; ORCH_TEST_STATES=2000
 * tries that many others. ORCH_TEST_SEED=SEED:PATH repeats the case of a failure.
 */
const wished = process.env.ORCH_TEST_STATES;
const numRuns = Number(wished ?? 40);
const [seed, path] = process.env.ORCH_TEST_SEED?.split(/:(.*)/s) ?? [];

const scratch = new ScratchNetns();
const folder = mkdtempSync(join(tmpdir(), 'orch-states-'));
let cases = 0;

afterAll(() => {
  scratch.sweep();
  rmSync(folder, { recursive: true });
});

/** Kinds of links that this machine's kernel has, of those that states are made of. */
function kindsHere(): readonly string[] {
  return ['veth', 'bridge', 'dummy', 'ifb', 'vlan', 'macvlan', 'vxlan'].filter((kind) => {
    const name = scratch.name(kind.slice(0, 3));
    ip('netns', 'add', name);
    try {
      ip('-n', name, 'link', 'add', 'base', 'type', 'bridge');
      const own = { vlan: ['id', '5'], vxlan: ['id', '5', 'dstport', '4789'] }[kind] ?? [];
      const on = ['vlan', 'macvlan'].includes(kind) ? ['link', 'base'] : [];
      ip('-n', name, 'link', 'add', ...on, 'name', 'tried', 'type', kind, ...own);
      return true;
    } catch {
      return false;
    } finally {
      ip('netns', 'delete', name);
    }
  });
}

function batch(netns: string, family: string[], lines: readonly string[]): void {
  if (lines.length === 0) return;
  const input = `${lines.join('\n')}\n`;
  execFileSync('ip', ['-n', netns, ...family, '-batch', '-'], { input, stdio: ['pipe', 'ignore', 'pipe'] });
}

/** A namespace as somebody else left it. */
function makeByHand(netns: string, state: RandomState): void {
  ip('netns', 'add', netns);
  // Duplicate address detection would have each look at the namespace wait for a second; link-local addresses come late.
  const still = ['conf.all.accept_dad=0', 'conf.default.accept_dad=0', 'conf.default.addr_gen_mode=1'];
  const wanted = state.filter(({ module }) => module === 'sysctl');
  execFileSync('ip', ['netns', 'exec', netns, 'sysctl', '-qw', ...still.map((key) => `net.ipv6.${key}`)]);
  batch(netns, [], ['link set lo up', ...linesOf(state.filter((thing) => !isSix(thing)))]);
  batch(netns, ['-6'], linesOf(state.filter(isSix)));
  const sysctls = wanted.map(({ params }) => `${params.name}=${params.value}`);
  if (sysctls.length > 0) execFileSync('ip', ['netns', 'exec', netns, 'sysctl', '-qw', ...sysctls]);
}

/** Once links have found their carrier, which takes the kernel a moment, IPv6 is at work on each. */
function isSettled(netns: string): boolean {
  const [links = [], routes = []] = ask(netns, ['-6'], ['link show', 'route show table local type multicast']);
  const working = links.filter(({ ifname, flags }) => ifname !== 'lo' && isWorking(flags as string[]));
  return working.every(({ ifname }) => routes.some(({ dev }) => dev === ifname));
}

const isWorking = (flags: readonly string[]) => flags.includes('UP') && flags.includes('LOWER_UP');

function tasksOf(netns: string, state: RandomState): LabTask[] {
  return state.map(({ module, params }) => {
    const others = {
      ...(params.peer === undefined ? {} : { peer_netns: netns }),
      ...(params.parent === undefined ? {} : { parent_netns: netns }),
      ...(module === 'vxlan' ? { underlay_netns: netns } : {}),
    };
    return { module, items: [{ ...params, netns, ...others }] };
  });
}

/** The same, and all else goes. */
function exactTasksOf(netns: string, state: RandomState): LabTask[] {
  return [...tasksOf(netns, state), { module: 'netns', items: [{ name: netns, exact: true }] }];
}

/** Twice: the second time nothing is left to do. */
async function converge(engine: Engine, tasks: readonly LabTask[], run: string): Promise<void> {
  const none: Lived = { changed: 0, failed: [] };
  expect({ ...(await runTasks(engine, tasks, run)), changed: 0 }).toEqual(none);
  expect(await runTasks(engine, tasks, `${run} again`)).toEqual(none);
}

/** Leads a namespace from what was found there to one state, then to another one alone, and back. */
async function thereAndBack(
  host: LinuxHost,
  found: RandomState,
  first: RandomState,
  second: RandomState,
): Promise<void> {
  const netns = scratch.name(`${cases++}`);
  const engine = engineOf(host, join(folder, netns, 'labs'));
  // While a run is under way the host keeps its processes.
  await engine.open({ lab: 'other', run: 'other', holder: 'test', waitMs: 0 });
  try {
    makeByHand(netns, found);
    await expect.poll(() => isSettled(netns), { interval: 20, timeout: 5000 }).toBe(true);
    const before = show(netns);
    await converge(engine, tasksOf(netns, first), 'first');
    expect(problems(first, show(netns), netns)).toEqual([]);
    await converge(engine, exactTasksOf(netns, second), 'second');
    const shown = show(netns);
    expect(problems(second, shown, netns)).toEqual([]);
    expect(superfluous(second, shown)).toEqual([]);
    const { failed, proof } = await destroyLab(engine);
    const differences = proof?.differences.filter(({ cause }) => cause !== Cause.RESTORED) ?? [];
    expect({ failed, differences }).toEqual({ failed: [], differences: [] });
    expect(show(netns)).toEqual(before);
  } finally {
    await engine.stop();
    if (scratch.present().includes(netns)) ip('netns', 'delete', netns);
  }
}

type Listed = readonly Readonly<Record<string, Thing['params']>>[];

const flaws = parse(readFileSync(join(import.meta.dirname, 'random-states/flaws.yml'), 'utf8')) as readonly {
  readonly why: string;
  readonly found?: Listed;
  readonly first?: Listed;
  readonly second?: Listed;
}[];

function things(listed: Listed = []): RandomState {
  return listed.flatMap((each) => Object.entries(each).map(([module, params]) => ({ module, params })));
}

/** Processes that one case has used are made ready for the next one. */
const newHost = (name: string) => new LinuxHost(join(folder, name, 'daemons'));

const flawHost = newHost('flaws');
test.each(flaws)('$why', ({ found, first, second }) =>
  thereAndBack(flawHost, things(found), things(first), things(second)),
);

/** Cases side by side: most of the time is the kernel's and that of processes of ip. */
const lanes = 2;

test('any state becomes any other one exactly, and what was found comes back', { timeout: 7_200_000 }, async () => {
  const state = randomState(kindsHere());
  const property = (host: LinuxHost) =>
    fc.asyncProperty(state, state, state, (...states) => thereAndBack(host, ...states));
  if (seed !== undefined) return fc.assert(property(newHost('lane')), { seed: Number(seed), path: path ?? '' });
  const lane = (_: unknown, at: number) =>
    fc.assert(property(newHost(`lane${at}`)), {
      numRuns: Math.ceil(numRuns / lanes),
      ...(wished === undefined ? { seed: at } : {}),
    });
  await Promise.all(Array.from({ length: lanes }, lane));
});
