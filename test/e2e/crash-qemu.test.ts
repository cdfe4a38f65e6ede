import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { crashEverywhere } from './crash/crash.ts';
import { crashingBuild } from './crash/crashing-build.ts';
import { dieAt } from './crash/crashing-host.ts';
import { labTasks } from './crash/lab-tasks.ts';
import { hostStates } from './host-state.ts';
import { destroyWell, runWell, shipped } from './lab-runs.ts';
import { type OwnTestbed, ownTestbed } from './own-testbed.ts';

/** Each takes minutes without KVM: all of this is tried with ORCH_TEST_ALL=1, in parts that may be run by themselves. */
const all = process.env.ORCH_TEST_ALL === '1';
const parts = 6;
/** Before and after each of the steps that a lab takes on vm02, and of those of its undo. */
const boundariesOf = { lab: 50, 'vxlan-mesh': 66 };
const killed = Object.entries(boundariesOf).flatMap(([lab, boundaries]) =>
  Array.from({ length: parts }, (_, part) => [lab, part, boundaries] as const),
);

describe.runIf(all)('on virtual machines', { timeout: 1_500_000 }, () => {
  let testbed: OwnTestbed;
  let before: unknown;

  beforeAll(async () => {
    testbed = ownTestbed();
    await testbed.up('qemu');
    before = await hostStates(testbed);
  });
  afterAll(() => testbed.end());

  describe('an agent that is killed between steps leaves what comes to a proven state', () => {
    it.each(killed)(`%s, part %i of ${parts}`, async (lab, part, boundaries) => {
      const tasks = await labTasks(shipped(lab), 'vm02');
      const times = await crashEverywhere(testbed, tasks, { outcomes: 'alternate', every: parts, from: part });
      // Both hosts take turns in all of them.
      const shares = [2 * part, 2 * part + 1].map((nth) => Math.ceil((boundaries - nth) / (2 * parts)));
      expect(times).toBe(shares.reduce((sum, share) => sum + share));
      expect(await hostStates(testbed)).toEqual(before);
    });
  });

  describe('a power cut between steps leaves what the next run or the undo brings to a proven state', () => {
    let program: string;
    beforeAll(async () => {
      program = await crashingBuild(testbed.folder);
    });

    /** Runs or undoes the lab until its agent on vm02 stands still, and cuts the power there. */
    const cut = async (verb: 'run' | 'destroy', playbook: string, order: string): Promise<void> => {
      expect(await testbed.on('vm02', `echo ${order} still > ${dieAt}`)).toMatchObject({ code: 0 });
      const ended = testbed.orch([verb, playbook], { program });
      const came = `timeout 120 sh -c 'while [ -e ${dieAt} ]; do sleep 0.2; done'`;
      expect(await testbed.on('vm02', came)).toMatchObject({ code: 0 });
      expect(await testbed.orch(['testbed', 'power-cycle', 'vm02'])).toMatchObject({ code: 0 });
      expect((await ended).code).toBe(2);
    };

    // Of the steps of the seed's lab and of its undo, and of those of the mesh.
    it.each([
      ['run', '1 before', 'lab', 'run'],
      ['run', '4 after', 'lab', 'destroy'],
      ['run', '8 before', 'lab', 'run'],
      ['run', '12 after', 'lab', 'destroy'],
      ['destroy', '3 before', 'lab', 'destroy'],
      ['destroy', '7 after', 'lab', 'run'],
      ['run', '2 after', 'vxlan-mesh', 'run'],
      ['run', '9 before', 'vxlan-mesh', 'destroy'],
      ['run', '17 after', 'vxlan-mesh', 'run'],
      ['destroy', '5 before', 'vxlan-mesh', 'destroy'],
    ] as const)('%s, %s, of %s; then %s', async (verb, order, lab, next) => {
      const playbook = shipped(lab);
      if (verb === 'destroy') await runWell(testbed, playbook);
      await cut(verb, playbook, order);
      if (next === 'run') await runWell(testbed, playbook);
      await destroyWell(testbed, playbook);
      expect(await hostStates(testbed)).toEqual(before);
    });
  });
});
