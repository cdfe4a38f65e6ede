import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { runLab } from './lab-runs.ts';
import { debian12, type Place, paramsOf, refusals, type Task, thisMachine } from './link-places.ts';
import { linkTrials } from './link-trials.ts';
import { type OwnTestbed, ownTestbed } from './own-testbed.ts';
import { unhurried } from './progress.ts';
import { taskTrials } from './task-trials.ts';

interface Wish {
  /** What its refusal says. */
  readonly says: string;
  readonly task: Task;
}

function wishesOf(place: Place, name: string, params: Task): Wish[] {
  return refusals(place, name, params).map((says) => ({ says, task: { [name]: params } }));
}

/** Links that the place cannot have, and such with an attribute that it cannot have. */
function impossible(place: Place): Wish[] {
  return linkTrials().flatMap(({ kind, make, steps }) => {
    const common = { name: 'late', ...make };
    if (!place.has(kind)) return [{ says: `${kind.name} needs `, task: { [kind.name]: common } }];
    return steps.flatMap((step) => wishesOf(place, kind.name, paramsOf(common, step)));
  });
}

/** Tasks of the other modules with something that the place does not have. */
function impossibleTasks(place: Place): Wish[] {
  const tasks = taskTrials().flatMap((trial) => trial.tasks.flatMap((task) => Object.entries(task)));
  return tasks.flatMap(([name, params]) => wishesOf(place, name, params));
}

/** What no kernel has. */
const unknown: readonly Wish[] = ['net.ipv4.ip_forwad', 'net.ipv6.conf.eth0.forwad', 'vm.forwad'].map((name) => ({
  says: `sysctl: name needs the sysctl ${name.replace('eth0', 'default')}, `,
  task: { sysctl: { name, value: 1 } },
}));

/** This machine's kernel may have all; the emulated host takes its time. */
const places = [thisMachine, debian12]
  .filter((place) => place === thisMachine || process.env.ORCH_TEST_ALL === '1')
  .map((place) => ({ ...place, wishes: [...impossible(place), ...impossibleTasks(place), ...unknown] }));

describe.each(places)('on $on', unhurried, ({ driver, wishes }) => {
  let testbed: OwnTestbed;
  beforeAll(async () => {
    testbed = ownTestbed();
    await testbed.up(...driver, '--hosts', '1');
  });
  afterAll(() => testbed.end());

  it('a run is refused with all that the host lacks, and has changed nothing there', async () => {
    const file = join(testbed.folder, 'late.yml');
    const tasks = [{ netns: { name: 'marker' } }, ...wishes.map(({ task }) => task)];
    writeFileSync(file, stringify([{ hosts: 'vm01', tasks }], { version: '1.1' }));
    const { exit, failures, tasks: begun } = await runLab(testbed, file);
    const { code, summary, detail } = failures.vm01 ?? {};
    const told = `${summary}\n${detail}`;
    expect({ exit, begun, code }, told).toEqual({ exit: 2, begun: [], code: 'unsupported-by-host' });
    expect(wishes.filter(({ says }) => !told.includes(says))).toEqual([]);
    expect((await testbed.on('vm01', 'ip netns')).stdout).toBe('');
  });
});
