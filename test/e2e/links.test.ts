import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import * as z from 'zod';
import '../../agent/modules/registry.gen.ts';
import { knownKinds } from '../../agent/modules/shared/link/kind.ts';
import { destroyWell, runWell } from './lab-runs.ts';
import { type OwnTestbed, ownTestbed } from './own-testbed.ts';

const folder = join(import.meta.dirname, 'links');

/** How one kind is tried: `live-KIND` is made, brought through the steps, and removed. */
const trial = z.strictObject({
  /** Parameters of all tasks. */
  make: z.record(z.string(), z.unknown()).default({}),
  /** Parameters of each task in turn, beside those of `make`; `replaced`: the kernel can't change that in place. */
  steps: z.array(z.record(z.string(), z.unknown())).min(1),
  /** Attributes that take more than a link of this kind alone: their cases must do. */
  untried: z.array(z.string()).default([]),
  /** A link that somebody else made, by hand: `orch destroy` brings it back after a task has removed it. */
  found: z.string(),
});

const trials = new Map(
  readdirSync(folder).map((file) => [
    file.replace('.yml', ''),
    trial.parse(parse(readFileSync(join(folder, file), 'utf8'))),
  ]),
);

type Task = Readonly<Record<string, unknown>>;

/** What links stand on, in any order. */
const ground: readonly Task[] = [
  { netns: { name: 'live' } },
  { dummy: { name: 'up0', state: 'up' } },
  { dummy: { name: 'up1', state: 'up' } },
  { bridge: { name: 'br0', state: 'up' } },
];

/** A name that tasks of the ground don't have by themselves. */
const tried = (kind: string) => `try ${kind}`;

/** The task twice, the index of the link between them: what is replaced has another one. */
function twice(module: string, params: Task): Task[] {
  const name = tried(module);
  const task = { name, [module]: params };
  const index = { name, command: `cat /sys/class/net/${params.name}/ifindex`, changed_when: false };
  return [task, index, task];
}

function tasksOf(kind: string): Task[] {
  const { make, steps } = trials.get(kind) ?? { make: {}, steps: [] };
  const common = { name: `live-${kind}`, ...make };
  const changes = steps.map(({ replaced: _, ...own }) => ({ ...common, ...own }));
  const gone = { name: tried(kind), [kind]: { name: common.name, state: 'absent' } };
  return [...[common, ...changes].flatMap((params) => twice(kind, params)), gone, gone];
}

/** All kinds take minutes on an emulated host: the others are tried with ORCH_TEST_ALL=1. */
const always = new Set(['ipvlan', 'vlan']);
const now = [...trials].filter(([kind]) => process.env.ORCH_TEST_ALL === '1' || always.has(kind));

/** Indexes, and what a bridge works out as it runs. */
const unlike = /^(?:ifindex|link_index|(?:bridge|root)_id|\w+_timer)$/;

describe('every kind of link, on a kernel that has them all', { timeout: 240_000 }, () => {
  let testbed: OwnTestbed;
  let before: unknown;

  const playbook = (name: string, tasks: readonly Task[]): string => {
    const file = join(testbed.folder, `${name}.yml`);
    writeFileSync(file, stringify([{ hosts: 'vm02', tasks }]));
    return file;
  };

  /** The host's links as ip shows them, without what tells one link from another that is made alike. */
  const links = async (): Promise<unknown> => {
    const text = (await testbed.on('vm02', 'ip -j -d link')).stdout;
    const shown = JSON.parse(text, (key, value) => (unlike.test(key) ? undefined : value)) as { ifname: string }[];
    return Object.fromEntries(shown.map((link) => [link.ifname, link]));
  };

  beforeAll(async () => {
    testbed = ownTestbed();
    expect(await testbed.orch(['testbed', 'up', '--driver', 'qemu'])).toMatchObject({ code: 0 });
    before = await links();
  });
  afterAll(() => testbed.end());

  it('is tried with each of its attributes', () => {
    const untried = knownKinds().flatMap(({ name, attributes, extra }) => {
      const known = trials.get(name);
      if (known === undefined) return [];
      return [...Object.keys(attributes), ...Object.keys(extra?.fields ?? {})]
        .filter((attribute) => !known.untried.includes(attribute) && !known.steps.some((step) => attribute in step))
        .map((attribute) => `${name}: ${attribute}`);
    });
    expect(untried).toEqual([]);
  });

  it('is made, changed in place where the kernel can, else replaced, and removed, each once', async () => {
    const file = playbook('kinds', [...ground, ...now.flatMap(([kind]) => tasksOf(kind))]);
    const report = await runWell(testbed, file);
    for (const [kind, { steps }] of now) {
      const tasks = report.tasks.filter(({ task }) => task === tried(kind));
      const indexes = tasks
        .filter(({ module }) => module === 'command')
        .map(({ result }) => (result as { stdout?: unknown } | undefined)?.stdout);
      const statuses = tasks.filter(({ module }) => module === kind).map(({ status }) => status);
      const all = [{}, ...steps, {}];
      expect({ kind, statuses }).toEqual({ kind, statuses: all.flatMap(() => ['changed', 'ok']) });
      const isNew = indexes.slice(1).map((index, at) => index !== indexes[at]);
      expect({ kind, isNew }).toEqual({ kind, isNew: steps.map(({ replaced }) => replaced === true) });
    }
    await destroyWell(testbed, file);
    expect(await links()).toEqual(before);
  });

  /** Few at a time: each brings a hundred sysctls, all of which a proof reads on an emulated host. */
  const few = 4;

  it('comes back as it was when a lab that removed it is destroyed', async () => {
    const base = playbook('ground', ground);
    await runWell(testbed, base);
    for (let from = 0; from < now.length; from += few) {
      const some = now.slice(from, from + few);
      for (const [, { found }] of some) expect(await testbed.on('vm02', found)).toMatchObject({ code: 0, stderr: '' });
      const made = await links();
      const removals = some.map(([kind]) => ({ [kind]: { name: `live-${kind}`, state: 'absent' } }));
      const file = playbook('removals', removals);
      expect((await runWell(testbed, file)).hosts.vm02).toMatchObject({ changed: some.length });
      await destroyWell(testbed, file);
      expect(await links()).toEqual(made);
      await testbed.on('vm02', some.map(([kind]) => `ip link delete live-${kind}`).join('; '));
    }
    await destroyWell(testbed, base);
    expect(await links()).toEqual(before);
  });
});
