import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hostStates } from './host-state.ts';
import { destroyWell, runLab, runWell } from './lab-runs.ts';
import { type OwnTestbed, ownTestbed } from './own-testbed.ts';

/** What both labs wish: one of each kind, on the host and in a namespace. */
const shared = `
    - netns: { name: ns01, lo: up }
    - bridge: { name: br0, netns: ns01, state: up }
    - address: { address: 10.9.0.1/24, dev: br0, netns: ns01 }
    - route: { dst: 10.8.0.0/16, via: 10.9.0.9, netns: ns01 }
    - rule: { priority: 100, from: 10.9.0.0/24, table: 100, netns: ns01 }
    - sysctl: { name: net.ipv4.ip_forward, value: 1 }
    - sysctl: { name: net.ipv4.conf.ens34.rp_filter, value: 2 }
    - nft: { table: shared, rules: "chain input { type filter hook input priority 10; policy accept; }" }
`;

const lab = (name: string, own: string) => `- hosts: vm02
  lab: ${name}
  become: true
  gather_facts: false
  tasks:${shared}${own}`;

const labs: Readonly<Record<string, string>> = {
  one: lab(
    'one',
    `    - ifb: { name: i1, netns: ns01, master: br0, state: up }
    - address: { address: 10.9.0.11/24, dev: br0, netns: ns01 }
`,
  ),
  two: lab(
    'two',
    `    - ifb: { name: i2, netns: ns01, master: br0, state: up }
    - route: { dst: 10.7.0.0/16, via: 10.9.0.9, netns: ns01 }
`,
  ),
  other: lab('other', '').replace('value: 2', 'value: 0'),
};

describe('two labs on one host', () => {
  let testbed: OwnTestbed;
  let before: unknown;
  const file = (name: string) => join(testbed.folder, `${name}.yml`);

  beforeAll(async () => {
    testbed = ownTestbed();
    await testbed.up('netns');
    before = await hostStates(testbed);
    for (const [name, text] of Object.entries(labs)) writeFileSync(file(name), text);
  });
  afterAll(() => testbed.end());

  it('one of them is taken back by its name, where there is no playbook', async () => {
    await runWell(testbed, file('one'));
    expect(await testbed.orch(['destroy', '--lab', 'ones', '-C'])).toMatchObject({
      code: 4,
      stdout: '',
      stderr: expect.stringMatching(/No host has a lab "ones".*\s+hint: did you mean 'one'/),
    });
    const elsewhere = await testbed.orch(['destroy', '--lab', 'one', '-i', ' ,']);
    expect(elsewhere.stderr).toContain('a recorded run was on vm02 too, which the inventory does not have');
    const done = await testbed.orch(['destroy', '--lab', 'one']);
    expect(done, done.stderr).toMatchObject({ code: 0, stdout: expect.stringContaining('proved: vm02') });
    expect(await hostStates(testbed)).toEqual(before);
    // It is no slip of the hand to ask again, nor is anything brought to a host that orch never was on.
    expect(await testbed.orch(['destroy', '--lab', 'one'])).toMatchObject({ code: 0 });
    expect(await testbed.on('vm01', 'ls -A /var/lib/orch')).toMatchObject({ code: 0, stdout: '' });
  });

  const destroyed = async (first: string, last: string) => {
    await destroyWell(testbed, file(first));
    expect((await runWell(testbed, file(last), '--check')).hosts.vm02).toMatchObject({ changed: 0 });
    const { hosts } = await destroyWell(testbed, file(last));
    expect(hosts.find(({ host }) => host === 'vm02')?.proof).toMatchObject({ proved: true });
    expect(await hostStates(testbed)).toEqual(before);
  };

  it('share what both wish, and are refused two wishes for one thing, with the places of both', async () => {
    expect((await runWell(testbed, file('one'))).hosts.vm02).toMatchObject({ changed: 10 });
    // Its own two things are all that is left to do.
    expect((await runWell(testbed, file('two'))).hosts.vm02).toMatchObject({ changed: 2, ok: 10 });

    const { exit, failures } = await runLab(testbed, file('other'));
    expect(exit).toBe(2);
    expect(failures.vm02).toMatchObject({
      code: 'lab-conflict',
      summary: expect.stringContaining('sysctl net.ipv4.conf.ens34.rp_filter belongs to lab one'),
      detail: `lab other: ${file('other')}:12:7\nlab one: ${file('one')}:12:7`,
    });
    await destroyWell(testbed, file('other'));
  });

  it('go in the order in which they came', () => destroyed('one', 'two'));

  it('leave a bridge that has had a port since, and are kept while a cable of the other ends in their namespace', async () => {
    const play = (name: string, tasks: string) =>
      `- hosts: vm02\n  lab: ${name}\n  become: true\n  gather_facts: false\n  tasks:\n${tasks}`;
    const bridge = '    - bridge: { name: br1, state: up }\n';
    writeFileSync(file('makes'), play('makes', `${bridge}    - netns: ns02\n`));
    const port = '    - veth: { name: v1, peer: v2, peer_netns: ns02, master: br1, state: up }\n';
    writeFileSync(file('plugs'), play('plugs', bridge + port));
    await runWell(testbed, file('makes'));
    await runWell(testbed, file('plugs'));
    const { code, stdout, stderr } = await testbed.orch(['destroy', file('makes')]);
    expect({ code, said: stdout + stderr }).toMatchObject({
      code: 2,
      said: expect.stringContaining('link v1 of lab plugs stands on netns ns02 of lab makes'),
    });

    writeFileSync(
      file('plugs'),
      play('plugs', `${bridge}    - veth: { name: v1, state: absent }\n    - ifb: { name: i1, master: br1 }\n`),
    );
    await runWell(testbed, file('plugs'));
    await destroyWell(testbed, file('makes'));
    const { hosts } = await destroyWell(testbed, file('plugs'));
    expect(hosts.find(({ host }) => host === 'vm02')?.proof).toMatchObject({ proved: true });
    expect(await hostStates(testbed)).toEqual(before);
  });

  it('leave bridges their MAC addresses when the last port goes, by destroy or rollback, whosever they are', async () => {
    const play = (name: string, tasks: string) =>
      `- hosts: vm02\n  lab: ${name}\n  become: true\n  gather_facts: false\n  tasks:\n${tasks}`;
    const port = (name: string, bridge: string) => `    - ifb: { name: ${name}, master: ${bridge} }\n`;
    writeFileSync(file('makes'), play('makes', '    - bridge: { name: br1 }\n    - bridge: { name: br2 }\n'));
    writeFileSync(file('plugs'), play('plugs', port('i1', 'br1')));
    writeFileSync(file('plugs-more'), play('plugs-more', port('i2', 'br2') + port('i3', 'br3')));
    await testbed.on('vm02', 'ip link add br3 type bridge');
    await runWell(testbed, file('makes'));
    const macs = () => testbed.on('vm02', 'cat /sys/class/net/br[123]/address');
    const found = await macs();
    await runWell(testbed, file('plugs'));
    await runWell(testbed, file('plugs-more'));
    expect(await macs()).not.toEqual(found);
    await destroyWell(testbed, file('plugs'));
    expect(await testbed.orch(['rollback', file('plugs-more')])).toMatchObject({ code: 0 });
    expect(await macs()).toEqual(found);
    await destroyWell(testbed, file('makes'));
    await testbed.on('vm02', 'ip link del br3');
    expect(await hostStates(testbed)).toEqual(before);
  });

  it.runIf(process.env.ORCH_TEST_ALL === '1')('go in the other order', async () => {
    await runWell(testbed, file('one'));
    await runWell(testbed, file('two'));
    await destroyed('two', 'one');
  });
});
