import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { fixedLinks } from '../../agent/modules/shared/link/fixed.ts';
import { destroyWell, runWell } from './lab-runs.ts';
import { debian12, debian13, lateOn, type Place, paramsOf, stepsOn, type Task, thisMachine } from './link-places.ts';
import { linkTrials, type Trial } from './link-trials.ts';
import { type OwnTestbed, ownTestbed } from './own-testbed.ts';
import { unhurried } from './progress.ts';

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

/** A task that leaves nothing open. */
const exactName = 'and nothing else';

function tasksOf({ name, kind, make, beside }: Trial, steps: readonly Task[]): Task[] {
  const common: Task = { name: `live-${name}`, ...make };
  const changes = steps.map((step) => paramsOf(common, step));
  const gone = { name: trialName, [kind.name]: { name: common.name, state: 'absent' } };
  const changing = changes.flatMap((params) => twice(kind.name, params));
  const exactly = { name: exactName, [kind.name]: { ...common, exact: true } };
  return [...twice(kind.name, common), exactly, ...beside, ...changing, exactly, exactly, gone, gone];
}

/** All kinds take minutes on an emulated host: the others, and other hosts, are tried with ORCH_TEST_ALL=1. */
const all = process.env.ORCH_TEST_ALL === '1';
const few = ['ipvlan', 'vlan'];

/** Kernels may be built without filtering of VLANs, as that of this machine is, and none says so before it is asked. */
const unfit = (place: Place) => (place === thisMachine ? ['bridge'] : []);

/** Indexes, addresses that the kernel draws for tunnels, and what a bridge works out as it runs. */
const unlike = /^(?:ifindex|link_index|permaddr|(?:bridge|root)_id|\w+_timer)$/;

const ofModules = new Set([...fixedLinks, 'bond0', 'dummy0', 'ifb0', 'ifb1']);

describe.each(all ? [debian13, debian12, thisMachine] : [debian13])('every kind of link on $on', unhurried, (place) => {
  const trials = linkTrials().filter(
    ({ kind }) => (all || few.includes(kind.name)) && place.has(kind) && !unfit(place).includes(kind.name),
  );
  let testbed: OwnTestbed;
  let before: unknown;

  const playbook = (name: string, tasks: readonly Task[]): string => {
    const file = join(testbed.folder, `${name}.yml`);
    writeFileSync(file, stringify([{ hosts: 'vm01', tasks }], { version: '1.1' }));
    return file;
  };

  /**
   * The host's links as ip shows them, without what tells one link from another that is made alike, and without those that
   * modules of the kernel bring. The kernel finds out some time later that what a link stands on is down, too.
   */
  const links = async (): Promise<unknown> => {
    const text = (await testbed.on('vm01', 'ip -j -d link')).stdout.replaceAll('"LOWERLAYERDOWN"', '"DOWN"');
    const shown = JSON.parse(text, (key, value) => (unlike.test(key) ? undefined : value)) as { ifname: string }[];
    const own = shown.filter(({ ifname }) => !ofModules.has(ifname));
    return Object.fromEntries(own.map((link) => [link.ifname, link]));
  };

  beforeAll(async () => {
    testbed = ownTestbed();
    await testbed.up(...place.driver, '--hosts', '1');
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
      const own = tasks.filter(({ module }) => module === kind.name);
      expect(own.map(({ status }) => status)).toEqual([{}, ...steps, {}].flatMap(() => ['changed', 'ok']));
      const replaced = steps.map((step) => step.replaced === true);
      const exactly = report.tasks.filter(({ task }) => task === exactName).map(({ status }) => status);
      // What is new has nothing to be set back; at the end, all that the last steps said has.
      expect(exactly).toEqual(['ok', expect.any(String), 'ok']);
      const isNew = indexes.slice(1).map((index, at) => index !== indexes[at]);
      expect(isNew).toEqual(replaced);
      const [, ...later] = own.filter(({ status }) => status === 'changed').slice(0, -1);
      const said = later.map(({ warnings = [] }) => warnings.some((text) => text.includes('it is replaced')));
      expect(said).toEqual(replaced);
    },
  );

  /** Few at a time: each brings a hundred sysctls, all of which a proof reads on an emulated host. */
  const atOnce = 4;

  it('comes back as it was when a lab that removed it is destroyed', async () => {
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
