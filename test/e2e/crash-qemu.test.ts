import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { crashEverywhere } from './crash/crash.ts';
import { hostStates } from './host-state.ts';
import { type OwnTestbed, ownTestbed } from './own-testbed.ts';

/** Each takes minutes without KVM: all of this is tried with ORCH_TEST_ALL=1, in parts that may be run by themselves. */
const all = process.env.ORCH_TEST_ALL === '1';
const parts = 6;
/** Before and after each of the steps that the seed's lab takes on vm02, and of those of its undo. */
const boundaries = 60;

describe.runIf(all)('on virtual machines', { timeout: 1_500_000 }, () => {
  let testbed: OwnTestbed;
  let before: unknown;

  beforeAll(async () => {
    testbed = ownTestbed();
    expect(await testbed.orch(['testbed', 'up', '--driver', 'qemu'])).toMatchObject({ code: 0 });
    before = await hostStates(testbed);
  });
  afterAll(() => testbed.end());

  describe("an agent that is killed between steps of the seed's lab leaves what comes to a proven state", () => {
    it.each(Array.from({ length: parts }, (_, part) => part))(`part %i of ${parts}`, async (part) => {
      const times = await crashEverywhere(testbed, 'lab', { outcomes: 'alternate', every: parts, from: part });
      expect(times).toBe(boundaries / parts);
      expect(await hostStates(testbed)).toEqual(before);
    });
  });
});
