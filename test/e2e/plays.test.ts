import { spawnSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { alike } from './plays-alike.ts';
import { byAnsible, byOrch, type Play, type PlaysTestbed, plays, playsTestbed } from './plays-host.ts';

/**
 * Playbooks as people write them, a folder each, on fresh hosts: they go well, a second time nothing is left to do, and check mode
 * then foresees nothing. By Ansible they come to the same: counts, what is registered, and the hosts. That takes many minutes:
 * ORCH_TEST_ALL=1 asks for it.
 */
const all = process.env.ORCH_TEST_ALL === '1';
const noAnsible = spawnSync('ansible-playbook', ['--version']).status !== 0;

let bed: PlaysTestbed | undefined;
beforeAll(async () => {
  if (all) bed = await playsTestbed();
});
afterAll(() => bed?.testbed.end());

/** A run, one more and one in check mode, which find nothing left to do; with all that they leave. */
async function played(hosts: PlaysTestbed, play: Play, name: string) {
  await hosts.reset();
  const first = await play(name);
  const registered = alike(await hosts.registered());
  const second = await play(name);
  const registeredAgain = alike(await hosts.registered());
  const state = await hosts.state();
  const check = await play(name, '--check', '--diff');
  for (const recap of [second, check]) expect(recap.filter((line) => !/ changed=0 /.test(line))).toEqual([]);
  expect(await hosts.state()).toEqual(state);
  return { first, registered, second, registeredAgain, check, state };
}

/** Tasks that Ansible's check mode skips: its unarchive knows none of tar with gzip, and orch foresees what comes of it. */
const foreseen: Readonly<Record<string, number>> = { frr: 1 };

/** A recap of check mode with those tasks skipped. */
function skipping(recap: readonly string[], count: number): readonly string[] {
  const counted = (line: string, name: string, more: number) =>
    line.replace(new RegExp(`(?<= ${name}=)\\d+`), (found) => String(Number(found) + more));
  return recap.map((line) => counted(counted(line, 'ok', -count), 'skipped', count));
}

describe.skipIf(!all).each(plays)('%s', (name) => {
  it('goes well, is done once, and comes to the same by Ansible', { timeout: 3_600_000 }, async () => {
    if (!bed) throw new Error('no hosts');
    const orch = await played(bed, byOrch(bed), name);
    if (noAnsible) return;
    const check = skipping(orch.check, foreseen[name] ?? 0);
    expect({ ...orch, check }).toEqual(await played(bed, byAnsible(bed), name));
  });
});
