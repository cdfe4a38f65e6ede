import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import type { Host } from '../../../agent/linux/host.ts';
import { LinuxHost } from '../../../agent/linux/linux-host.ts';
import type { Action, Plan } from '../../../agent/modules/module.ts';
import { registry } from '../../../agent/modules/registry.gen.ts';
import { ip, ScratchNetns } from '../scratch-netns.ts';

const scratch = new ScratchNetns();
const folder = mkdtempSync(join(tmpdir(), 'orch-modules-'));
const linux = new LinuxHost(folder);
const host: Host = Object.assign(Object.create(linux) as LinuxHost, {
  promised: () => false,
  owns: () => true,
  runAs: undefined,
});

afterAll(async () => {
  await linux.release();
  for (const { spec } of linux.daemons.states()) await linux.daemons.remove(spec.name, spec.netns);
  linux.daemons.leave();
  scratch.sweep();
  rmSync(folder, { recursive: true, force: true });
});

interface Task {
  readonly name: string;
  readonly params: Record<string, unknown>;
  readonly once: boolean;
}

/** Puts real names for A and B. */
function tasks(): Task[] {
  const text = readFileSync(join(import.meta.dirname, 'tasks.yml'), 'utf8');
  return (parse(text) as Record<string, unknown>[]).map(({ once, ...task }) => {
    const [[name, given] = ['', {}]] = Object.entries(task);
    const params = Object.entries(given as Record<string, unknown>).map(([key, value]) => {
      const isName = /netns$/.test(key) || (name === 'netns' && key === 'name');
      return [key, isName ? scratch.name(String(value)) : value] as const;
    });
    return { name, params: Object.fromEntries(params), once: once === true };
  });
}

async function plan({ name, params }: Task): Promise<Plan> {
  const module = registry.get(name);
  if (module?.form !== 'converge') throw new Error(`no module ${name}`);
  const parsed = module.params.parse(params);
  return module.plan(parsed, await module.read(parsed, host));
}

async function applyAll(actions: readonly Action[]): Promise<void> {
  for (const action of actions) await linux.apply(action);
}

/** All of a namespace that modules change, as ip shows it. */
function state(netns: string): string[] {
  const families = ['-4', '-6'];
  const shown = families.flatMap((family) => [
    ip('-n', netns, family, 'route', 'show', 'table', 'all'),
    ip('-n', netns, family, 'rule', 'show'),
  ]);
  const links = ip('-n', netns, '-br', 'address', 'show').replace(/@\S+/g, '');
  const nft = ip('netns', 'exec', netns, 'nft', '-s', 'list', 'ruleset');
  const lasting = [
    ip('-n', netns, 'nexthop', 'show'),
    ip('-n', netns, 'neighbour', 'show', 'nud', 'permanent'),
    ip('-n', netns, 'neighbour', 'show', 'proxy'),
  ];
  const queueing = execFileSync('tc', ['-n', netns, 'qdisc', 'show'], { encoding: 'utf8' });
  return [links, ...lasting, ...shown, nft, queueing];
}

test('every task does what it says, once, and is undone', async () => {
  const [first, second, ...others] = tasks();
  if (first === undefined || second === undefined) throw new Error('no tasks');
  for (const task of [first, second]) for (const step of (await plan(task)).steps) await linux.apply(step.action);
  const [a, b] = [scratch.name('A'), scratch.name('B')];
  // The kernel gives lo its address when it first comes up, and leaves it there.
  for (const change of ['up', 'down']) ip('-n', a, 'link', 'set', 'dev', 'lo', change);
  const before = [state(a), state(b)];

  const undo: (readonly Action[])[] = [];
  for (const task of others) {
    const { steps } = await plan(task);
    expect(steps.length, JSON.stringify(task)).toBeGreaterThan(0);
    for (const step of steps) {
      undo.unshift(step.undo);
      await linux.apply(step.action);
    }
    expect((await plan(task)).steps, JSON.stringify(task)).toEqual([]);
  }
  for (const task of others.filter(({ once }) => !once))
    expect((await plan(task)).steps, JSON.stringify(task)).toEqual([]);

  for (const actions of undo) await applyAll(actions);
  expect(scratch.files).toEqual([]);
  expect([state(a), state(b)]).toEqual(before);
}, 60_000);

test('what each task made it removes', async () => {
  const [first, second, ...others] = tasks().filter(({ once, name }) => !once && !['sysctl', 'ethtool'].includes(name));
  const made = others.filter(({ name }) => name !== 'link' && name !== 'bridge_port');
  for (const task of [first, second, ...others]) {
    if (task !== undefined) for (const step of (await plan(task)).steps) await linux.apply(step.action);
  }
  for (const task of made.toReversed()) {
    const gone = { ...task, params: { ...task.params, state: 'absent' } };
    for (const step of (await plan(gone)).steps) await linux.apply(step.action);
    expect((await plan(gone)).steps, JSON.stringify(gone)).toEqual([]);
    expect((await plan(task)).steps.length, JSON.stringify(task)).toBeGreaterThan(0);
  }
}, 60_000);
