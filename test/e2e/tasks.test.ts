import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { destroyWell, runWell } from './lab-runs.ts';
import { debian12, debian13, lateParams, type Place, type Task } from './link-places.ts';
import { type OwnTestbed, ownTestbed } from './own-testbed.ts';
import { unhurried } from './progress.ts';
import { taskTrials } from './task-trials.ts';

/** What tasks find in namespace T. */
const ground: readonly Task[] = [
  { netns: { name: 'T', lo: 'up' } },
  { veth: { name: 'd0', netns: 'T', peer: 'd0-peer', peer_netns: 'T', state: 'up' } },
  { link: { name: 'd0-peer', netns: 'T', state: 'up' } },
  { address: { address: '10.9.0.1/24', dev: 'd0', netns: 'T' } },
  { address: { address: 'fd09::1/64', dev: 'd0', netns: 'T', nodad: true } },
];

/** A task without the parameters that a place is too old for. */
function able(place: Place, name: string, params: Task): Task {
  const late = lateParams(place, name, params);
  return Object.fromEntries(Object.entries(params).filter(([key]) => !late.includes(key)));
}

/** They take minutes on emulated hosts. */
const all = process.env.ORCH_TEST_ALL === '1';
describe.runIf(all).each([debian13, debian12])('the modules on $on', unhurried, (place) => {
  let testbed: OwnTestbed;

  const playbook = (name: string, tasks: readonly Task[]): string => {
    const file = join(testbed.folder, `${name}.yml`);
    writeFileSync(file, stringify([{ hosts: 'vm01', tasks }], { version: '1.1' }));
    return file;
  };

  beforeAll(async () => {
    testbed = ownTestbed();
    await testbed.up(...place.driver, '--hosts', '1');
  });
  afterAll(() => testbed.end());

  it.each(taskTrials())('$name: each task changes what it says, and its repetition nothing', async ({ tasks }) => {
    const trial = tasks.flatMap((task) =>
      Object.entries(task).map(([name, params]) => ({ name: 'try it', [name]: able(place, name, params) })),
    );
    const report = await runWell(testbed, playbook('tasks', [...ground, ...trial.flatMap((task) => [task, task])]));
    const statuses = report.tasks.filter(({ task }) => task === 'try it').map(({ status }) => status);
    expect(statuses).toEqual(trial.flatMap(() => ['changed', 'ok']));
    await destroyWell(testbed, playbook('tasks', []));
  });
});
