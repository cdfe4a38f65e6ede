import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hostStates } from './host-state.ts';
import { destroyWell, runWell, shipped } from './lab-runs.ts';
import { type OwnTestbed, ownTestbed } from './own-testbed.ts';

/** Those that have tests of their own. */
const elsewhere = /^(lab|lab-macvlan|seed-step\d|inventory)$/;
const labs = readdirSync(join(import.meta.dirname, '../../playbooks'))
  .filter((file) => file.endsWith('.yml'))
  .map((file) => file.slice(0, -4))
  .filter((name) => !elsewhere.test(name));

/** All of them take minutes on emulated hosts; this one is tried always, the others with ORCH_TEST_ALL=1. */
const always = /^nat-gateway$/;
const tried = process.env.ORCH_TEST_ALL === '1' ? labs : labs.filter((name) => always.test(name));

describe('a lab that is shipped', { timeout: 180_000 }, () => {
  let testbed: OwnTestbed;

  beforeAll(async () => {
    testbed = ownTestbed();
    await testbed.up('qemu');
    // Rules that look at connections load them, or a link does; they stay, and bring sysctls of their own.
    for (const host of ['vm01', 'vm02']) {
      expect(await testbed.on(host, 'modprobe -a nf_conntrack nf_nat nft_masq vrf')).toMatchObject({ code: 0 });
    }
  });
  afterAll(() => testbed.end());

  it.each(tried)('%s: every cell as expected, nothing to do the second time, no trace in the end', async (name) => {
    const before = await hostStates(testbed);
    const first = await runWell(testbed, shipped(name));
    expect(first.reach.filter(({ expected }) => expected !== null).length).toBeGreaterThanOrEqual(2);
    const second = await runWell(testbed, shipped(name));
    expect(Object.values(second.hosts).map(({ changed }) => changed)).toEqual(Object.keys(second.hosts).map(() => 0));
    await destroyWell(testbed, shipped(name));
    expect(await hostStates(testbed)).toEqual(before);
  });
});
