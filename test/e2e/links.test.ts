import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { release } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { isOlder } from '../../agent/linux/lacks.ts';
import type { Attribute } from '../../agent/modules/shared/link/attribute.ts';
import type { LinkKind } from '../../agent/modules/shared/link/kind.ts';
import { destroyWell, runLab, runWell } from './lab-runs.ts';
import { linkTrials, type Trial } from './link-trials.ts';
import { type OwnTestbed, ownTestbed } from './own-testbed.ts';

type Task = Readonly<Record<string, unknown>>;

/** What links stand on, in any order. */
const ground: readonly Task[] = [
  { netns: { name: 'live' } },
  { veth: { name: 'up0', peer: 'up0-peer', state: 'up' } },
  { veth: { name: 'up1', peer: 'up1-peer', state: 'up' } },
  { bridge: { name: 'br0', state: 'up' } },
];

/** A name that tasks of the ground don't have by themselves. */
const trialName = 'try it';

/** The task twice, the index of the link between them: what is replaced has another one. */
function twice(module: string, params: Task): Task[] {
  const task = { name: trialName, [module]: params };
  const index = { name: trialName, command: `cat /sys/class/net/${params.name}/ifindex`, changed_when: false };
  return [task, index, task];
}

/** The attributes of a kind that came after a place's kernel or its iproute2. */
function lateOn({ kernel, iproute2 }: Place, { attributes }: LinkKind): readonly string[] {
  const late = ({ since = '0', ip = since }: Attribute<unknown>) => isOlder(kernel, since) || isOlder(iproute2, ip);
  return Object.keys(attributes).filter((name) => attributes[name] !== undefined && late(attributes[name]));
}

/** The steps that a place is able to, without the attributes that it has not. */
function stepsOn({ kind, steps }: Trial, place: Place): readonly Task[] {
  const late = lateOn(place, kind);
  const kept = steps.map((step) => Object.fromEntries(Object.entries(step).filter(([name]) => !late.includes(name))));
  return kept.filter((step) => Object.keys(step).some((name) => name !== 'replaced'));
}

/** Parameters of a task, without those that a step takes away. */
function paramsOf(common: Task, { replaced: _, ...own }: Task): Task {
  return Object.fromEntries(Object.entries({ ...common, ...own }).filter(([, value]) => value !== null));
}

function tasksOf({ name, kind, make, beside }: Trial, steps: readonly Task[]): Task[] {
  const common: Task = { name: `live-${name}`, ...make };
  const changes = steps.map((step) => paramsOf(common, step));
  const gone = { name: trialName, [kind.name]: { name: common.name, state: 'absent' } };
  const changing = changes.flatMap((params) => twice(kind.name, params));
  return [...twice(kind.name, common), ...beside, ...changing, gone, gone];
}

/** All kinds take minutes on an emulated host: the others, and other kernels, are tried with ORCH_TEST_ALL=1. */
const all = process.env.ORCH_TEST_ALL === '1';
const few = (kind: LinkKind) => all || ['ipvlan', 'vlan'].includes(kind.name);

interface Place {
  readonly on: string;
  readonly kernel: string;
  readonly iproute2: string;
  readonly driver: readonly string[];
  has(kind: LinkKind): boolean;
}

const places: readonly Place[] = [
  { on: 'Debian 13', kernel: '6.12', iproute2: '6.15', driver: ['qemu', '--release', 'trixie'], has: few },
  { on: 'Debian 12', kernel: '6.1', iproute2: '6.1', driver: ['qemu', '--release', 'bookworm'], has: few },
  { on: 'this machine', kernel: release(), iproute2: '6.15', driver: ['netns'], has: isHere },
];

/** Whether this machine's kernel has a kind, with what kernels may be built without. */
function isHere({ name }: LinkKind): boolean {
  const optional = name === 'bridge' ? ['vlan_filtering', '1'] : [];
  const { stderr } = spawnSync('unshare', ['--net', 'ip', 'link', 'add', 'name', 'probe', 'type', name, ...optional]);
  return !/Unknown device type|Operation not supported/.test(stderr.toString());
}

/** Indexes, and what a bridge works out as it runs. */
const unlike = /^(?:ifindex|link_index|(?:bridge|root)_id|\w+_timer)$/;

const now = places.slice(0, all ? places.length : 1);

describe.each(now)('every kind of link on $on', { timeout: 240_000 }, (place) => {
  const tried = linkTrials().filter(({ kind }) => place.has(kind));
  const trials = tried.filter(({ kind }) => !isOlder(place.kernel, kind.since ?? '0'));
  let testbed: OwnTestbed;
  let before: unknown;

  const playbook = (name: string, tasks: readonly Task[]): string => {
    const file = join(testbed.folder, `${name}.yml`);
    writeFileSync(file, stringify([{ hosts: 'vm01', tasks }], { version: '1.1' }));
    return file;
  };

  /** The host's links as ip shows them, without what tells one link from another that is made alike. */
  const links = async (): Promise<unknown> => {
    const text = (await testbed.on('vm01', 'ip -j -d link')).stdout;
    const shown = JSON.parse(text, (key, value) => (unlike.test(key) ? undefined : value)) as { ifname: string }[];
    return Object.fromEntries(shown.map((link) => [link.ifname, link]));
  };

  beforeAll(async () => {
    testbed = ownTestbed();
    expect(await testbed.orch(['testbed', 'up', '--hosts', '1', '--driver', ...place.driver])).toMatchObject({
      code: 0,
    });
    before = await links();
    await runWell(testbed, playbook('ground', ground));
  });
  afterAll(() => testbed.end());

  it.each(trials)(
    '$name: is made, changed in place where the kernel can, else replaced, and removed',
    async (trial) => {
      const { kind } = trial;
      const steps = stepsOn(trial, place);
      const report = await runWell(testbed, playbook('kind', tasksOf(trial, steps)));
      const tasks = report.tasks.filter(({ task }) => task === trialName);
      const indexes = tasks
        .filter(({ module }) => module === 'command')
        .map(({ result }) => (result as { stdout?: unknown } | undefined)?.stdout);
      const statuses = tasks.filter(({ module }) => module === kind.name).map(({ status }) => status);
      expect(statuses).toEqual([{}, ...steps, {}].flatMap(() => ['changed', 'ok']));
      const isNew = indexes.slice(1).map((index, at) => index !== indexes[at]);
      expect(isNew).toEqual(steps.map(({ replaced }) => replaced === true));
    },
  );

  it('is refused with what the host lacks before anything is changed', async () => {
    const late = tried.flatMap(({ kind, make, steps }) => {
      const common = { name: 'late', ...make };
      if (!trials.some((trial) => trial.kind === kind)) return [{ says: `${kind.name} needs`, [kind.name]: common }];
      return lateOn(place, kind).flatMap((name) => {
        const step = steps.find((candidate) => name in candidate);
        return step === undefined ? [] : [{ says: `${kind.name}: ${name} needs`, [kind.name]: paramsOf(common, step) }];
      });
    });
    if (late.length === 0) return;
    const tasks = [{ netns: { name: 'marker' } }, ...late.map(({ says: _, ...task }) => task)];
    const { exit, failures } = await runLab(testbed, playbook('late', tasks));
    expect({ exit, code: failures.vm01?.code }).toEqual({ exit: 2, code: 'unsupported-by-host' });
    const told = `${failures.vm01?.summary}\n${failures.vm01?.detail}`;
    expect(late.filter(({ says }) => !told.includes(says))).toEqual([]);
    expect((await testbed.on('vm01', 'ip netns')).stdout).not.toContain('marker');
  });

  /** Few at a time: each brings a hundred sysctls, all of which a proof reads on an emulated host. */
  const atOnce = 4;

  it('comes back as it was when a lab that removed it is destroyed', { timeout: 1_200_000 }, async () => {
    await destroyWell(testbed, playbook('kind', []));
    const found = trials.flatMap(({ name, kind, found: command }) => (command ? [{ name, kind, command }] : []));
    for (let from = 0; from < found.length; from += atOnce) {
      const some = found.slice(from, from + atOnce);
      for (const { command, kind } of some) {
        const able = lateOn(place, kind).reduce((text, name) => text.replace(new RegExp(` ${name} \\S+`), ''), command);
        expect(await testbed.on('vm01', able)).toMatchObject({ code: 0, stderr: '' });
      }
      const made = await links();
      const removals = some.map(({ name, kind }) => ({ [kind.name]: { name: `live-${name}`, state: 'absent' } }));
      const file = playbook('removals', removals);
      expect((await runWell(testbed, file)).hosts.vm01).toMatchObject({ changed: some.length });
      await destroyWell(testbed, file);
      expect(await links()).toEqual(made);
      await testbed.on('vm01', some.map(({ name }) => `ip link delete live-${name}`).join('; '));
    }
    await destroyWell(testbed, playbook('ground', ground));
    expect(await links()).toEqual(before);
  });
});
