import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { crashEverywhere } from './crash/crash.ts';
import { crashingBuild } from './crash/crashing-build.ts';
import { dieAt } from './crash/crashing-host.ts';
import { type LabTask, labTasks } from './crash/lab-tasks.ts';
import { hostStates } from './host-state.ts';
import { destroyWell, runWell, shipped } from './lab-runs.ts';
import { type OwnTestbed, ownTestbed } from './own-testbed.ts';

/** Set to have each boundary of both labs with both outcomes. */
const all = process.env.ORCH_TEST_ALL === '1';

/** Each boundary takes several processes, one after the other. */
const unhurried = { timeout: 1_200_000 };

describe('an agent that is killed between steps', { timeout: 400_000 }, () => {
  let testbed: OwnTestbed;
  let before: unknown;

  beforeAll(async () => {
    testbed = ownTestbed();
    await testbed.up('netns');
    before = await hostStates(testbed);
  });
  afterAll(() => testbed.end());

  it.each([
    // Before and after each of 22 changes, and of 11 inverses: what goes with a namespace is not undone by itself.
    ['vxlan-mesh', 66, all ? 1 : 2],
    // Of 15 and 8.
    ['lab-macvlan', 46, all ? 1 : 9],
  ])('leaves what the next run or the undo brings to a proven state, at the %s lab', async (lab, boundaries, every) => {
    const tasks = await labTasks(shipped(lab), 'vm02');
    const times = await crashEverywhere(testbed, tasks, { outcomes: all ? 'both' : 'alternate', every });
    // Before and after every so manyth step.
    expect(times).toBe(2 * Math.ceil(boundaries / 2 / every) * (all ? 2 : 1));
    expect(await hostStates(testbed)).toEqual(before);
  });

  it.runIf(all)('leaves such too where the inverses of a whole loop are written at once', unhurried, async () => {
    const bridge = { name: 'loop0', state: 'up' };
    const nets = [1, 2, 3, 4, 5, 6, 7, 8];
    const tasks: LabTask[] = [
      { module: 'bridge', items: [bridge] },
      { module: 'address', items: nets.map((net) => ({ address: `10.99.${net}.1/24`, dev: 'loop0' })) },
    ];
    // Before and after each of 10 changes, and of 9 inverses: the bridge comes up without one of its own.
    expect(await crashEverywhere(testbed, tasks, { outcomes: 'both' })).toBe(2 * 2 * (10 + 9));
    expect(await hostStates(testbed)).toEqual(before);
  });

  it('is told, and the lab goes on with the next agent, or is undone by it', async () => {
    const program = await crashingBuild(testbed.folder);
    const playbook = shipped('lab-macvlan');
    for (const [order, next] of [
      ['1 before', 'run'],
      ['9 after', 'run'],
      ['15 after', 'destroy'],
    ] as const) {
      expect(await testbed.on('vm02', `echo ${order} > ${dieAt}`)).toMatchObject({
        code: 0,
      });
      const { code, stdout } = await testbed.orch(['run', playbook], { program });
      expect(code, stdout).toBe(2);
      expect(stdout).toMatch(/vm02 .*The connection to the agent broke while the run was under way/);
      if (next === 'run') await runWell(testbed, playbook);
      const { hosts } = await destroyWell(testbed, playbook);
      expect(hosts.find(({ host }) => host === 'vm02')?.proof).toMatchObject({ proved: true, differences: [] });
      expect(await hostStates(testbed)).toEqual(before);
    }
  });

  it('has another lab and other people to tell of when it is undone', async () => {
    const [one, two] = ['one', 'two'].map((lab) => join(testbed.folder, `${lab}.yml`)) as [string, string];
    writeFileSync(
      one,
      playOf('one', ['bridge: { name: br1, state: up }', 'sysctl: { name: net.ipv4.ip_forward, value: 1 }']),
    );
    writeFileSync(two, playOf('two', ['veth: { name: v1, peer: v2, master: br1, state: up }']));
    await runWell(testbed, one);
    await runWell(testbed, two);
    const refused = await testbed.orch(['destroy', one]);
    expect(refused).toMatchObject({ code: 2 });
    expect(refused.stdout).toMatch(
      /link v1 of lab two stands on link br1 of lab one .* nothing was undone\. \[lab-conflict\]/,
    );

    writeFileSync(two, playOf('two', ['sysctl: { name: net.ipv4.conf.all.forwarding, value: 0 }']));
    const met = await testbed.orch(['run', two]);
    expect(met).toMatchObject({ code: 2 });
    expect(met.stdout).toMatch(/which belongs to lab one since its run \S+-one\. \[lab-conflict\]/);

    expect(await testbed.on('vm02', 'ip link add theirs type bridge')).toMatchObject({ code: 0 });
    await destroyWell(testbed, two);
    const { hosts } = await destroyWell(testbed, one);
    expect(hosts[0]?.proof).toMatchObject({
      proved: true,
      differences: [{ object: 'link theirs', cause: 'someone', before: 'absent', after: 'present' }],
    });
    expect(await testbed.on('vm02', 'ip link delete theirs')).toMatchObject({ code: 0 });
    expect(await hostStates(testbed)).toEqual(before);
  });

  it.each(['destroy', 'rollback'])('leaves a namespace that somebody has made anew since, by %s', async (undo) => {
    const on = async (...commands: string[]) =>
      expect(await testbed.on('vm02', commands.join(' && '))).toMatchObject({ code: 0 });
    const playbook = join(testbed.folder, 'anew.yml');
    writeFileSync(playbook, playOf('anew', ['netns: { name: ns1, lo: up }', 'netns: { name: ns2 }']));
    await runWell(testbed, playbook);
    await on('ip netns del ns1', 'ip netns add ns1', 'ip -n ns1 link add theirs type ifb');
    for (const options of [['--check'], []]) {
      const { code, stdout } = await testbed.orch([undo, '--lab', 'anew', ...options]);
      expect(code, stdout).toBe(0);
      expect(stdout).toMatch(/netns ns1 +someone else made another namespace of this name/);
    }
    await on('ip -n ns1 link show theirs', 'test ! -e /run/netns/ns2', 'ip netns del ns1');
    await destroyWell(testbed, playbook);
    expect(await hostStates(testbed)).toEqual(before);
  });

  it('keeps the namespace that a link of the host is in as long as somebody else has its name', async () => {
    const on = async (...commands: string[]) =>
      expect(await testbed.on('vm02', commands.join(' && '))).toMatchObject({ code: 0 });
    await on('ip link add found type veth peer name far', 'ip link set found mtu 1450 up');
    const playbook = join(testbed.folder, 'moves.yml');
    const link = 'link: { name: found, from_name: found, netns: ns1, mtu: 1400, state: up }';
    writeFileSync(playbook, playOf('moves', ['netns: { name: ns1 }', link]));
    const refused = /link ns1\/found +another link is called found.*netns ns1 +found would go with it/s;
    for (const undo of [
      ['destroy', playbook],
      ['rollback', '--lab', 'moves'],
    ]) {
      await runWell(testbed, playbook);
      await on('ip link add found mtu 1300 type ifb');
      for (const options of [['--check'], [], []]) {
        const { code, stdout } = await testbed.orch([...undo, ...options]);
        expect(code, stdout).toBe(2);
        expect(stdout).toMatch(refused);
      }
      await on('ip link show found | grep 1300', 'ip link delete found', 'ip -n ns1 link set found name mine');
      const { code, stdout } = await testbed.orch(undo);
      expect(code, stdout).toBe(0);
      await on('ip link show found type veth | grep "UP.*1450"');
    }
    await destroyWell(testbed, playbook);
    await on('ip link delete found');
    expect(await hostStates(testbed)).toEqual(before);
  });
});

function playOf(lab: string, tasks: readonly string[]): string {
  const lines = tasks.map((task) => `    - ${task}`).join('\n');
  return `- hosts: vm02\n  lab: ${lab}\n  become: true\n  gather_facts: false\n  tasks:\n${lines}\n`;
}
