import { expect, it } from 'vitest';
import { ImaginedKernel } from '../../agent/engine/check/imagined-kernel.ts';
import { isLost, lossesOf } from '../../agent/engine/check/imagined-losses.ts';
import { PlannedSteps } from '../../agent/engine/check/planned-steps.ts';
import type { Action, Step } from '../../agent/modules/module.ts';

const ip = (said: string): Action => ({ op: 'ip', netns: 'ns1', args: said.split(' ') });
const step = (said: string): Step => ({ object: said, action: ip(said), undo: [] });
const red = { ifname: 'red', linkinfo: { info_kind: 'vrf' } };
const answers: Readonly<Record<string, object>> = {
  red,
  br0: { ifname: 'br0', linkinfo: { info_kind: 'bridge' } },
  v0: { ifname: 'v0', flags: ['UP'] },
  v1: { ifname: 'v1', flags: [] },
  v2: { ifname: 'v2', flags: ['UP'], master: 'red', linkinfo: { info_slave_kind: 'vrf' } },
  'v0.5': { ifname: 'v0.5', link: 'v0', linkinfo: { info_kind: 'vlan' } },
  v3: { ifname: 'v3', flags: ['UP'], master: 'br0' },
};
const view = {
  ip: async (args: readonly string[]) => {
    if (args.at(-1) === 'show') return { rows: Object.values(answers).map((row) => ({ ...row })), missing: false };
    const row = answers[args.at(-1) ?? ''];
    return { rows: row === undefined ? [] : [{ ...row }], missing: row === undefined };
  },
};

/** What goes with a step, after others that would have been taken. */
async function lost(said: string, ...before: string[]): Promise<string[]> {
  const planned = new PlannedSteps();
  const steps = [...before, said].map(step);
  planned.take({ steps, before: {}, after: {} }, { objects: [], present: undefined });
  return (await lossesOf([step(said)], view, planned)).map(({ dev, what }) => `${what} of ${dev}`);
}

it('knows what the kernel drops along with a step', async () => {
  expect(await lost('link set dev v0 down')).toEqual(['all of v0', 'all of v0.5']);
  expect(await lost('link set dev v0 mtu 1000')).toEqual(['ipv6 of v0']);
  expect(await lost('link set dev v0 mtu 1400')).toEqual([]);
  expect(await lost('link set dev v0 address 02:00:00:00:00:01')).toEqual(['neighbours of v0']);
  expect(await lost('link set dev v0 master red')).toEqual(['all of v0', 'port of v0', 'all of v0.5']);
  expect(await lost('link delete dev red')).toEqual(['all of v2']);
  expect(await lost('link set dev v0 master br0')).toEqual(['port of v0']);
  expect(await lost('link set dev v1 master red')).toEqual(['ipv6 of v1', 'port of v1']);
  expect(await lost('link set dev v2 nomaster')).toEqual(['all of v2', 'port of v2']);
  expect(await lost('link set dev v2 master br0')).toEqual(['all of v2', 'port of v2']);
  expect(await lost('link set dev v3 nomaster')).toEqual(['port of v3']);
  // Neither is there yet.
  const made = ['link add name blue type vrf table 10', 'link add name w0 type veth peer name w1'];
  expect(await lost('link set dev w0 master blue', ...made)).toEqual(['ipv6 of w0', 'port of w0']);
  expect(await lost('link set dev w0 master blue', ...made, 'link set dev w0 up')).toEqual(['all of w0', 'port of w0']);
});

it('takes for lost what tasks before would have put there', () => {
  const down = { netns: 'ns1', dev: 'v0', what: 'all' } as const;
  expect(isLost(ip('address add fd01::1/64 dev v0'), down)).toBe(true);
  expect(isLost(ip('address add 10.0.0.1/24 dev v0'), down)).toBe(false);
  expect(isLost(ip('route add 10.9.0.0/24 via 10.0.0.9 dev v0'), down)).toBe(true);
  expect(isLost(ip('route add 10.9.0.0/24 via 10.0.0.9 dev v1'), down)).toBe(false);
  expect(isLost(ip('route add 10.9.0.0/24 via 10.0.0.9 dev v0'), { ...down, what: 'ipv6' })).toBe(false);
  expect(isLost(ip('-6 route add ::/0 via fd01::9 dev v0'), { ...down, dev: '*', what: 'ipv6' })).toBe(true);
  expect(isLost(ip('address delete fd01::1/64 dev v0'), down)).toBe(false);
});

it('takes for lost what a port had that goes to another bridge', () => {
  const port = { netns: 'ns1', dev: 'v0', what: 'port' } as const;
  const bridge = (said: string): Action => ({ op: 'bridge', netns: 'ns1', args: said.split(' ') });
  expect(isLost(bridge('vlan add dev v0 vid 10'), port)).toBe(true);
  expect(isLost(bridge('vlan add dev v1 vid 10'), port)).toBe(false);
  expect(isLost(bridge('fdb append 02:00:00:00:00:01 dev v0 self dst 10.0.0.9 permanent'), port)).toBe(false);
  expect(isLost(ip('link set dev v0 type bridge_slave learning off'), port)).toBe(true);
  expect(isLost(ip('link set dev v0 mtu 1400'), port)).toBe(false);
});

it('answers for ip without what would be lost, with links as they would be set', async () => {
  const kernel = new ImaginedKernel();
  kernel.note(
    [step('link set dev v0 down'), step('link set dev v0 mtu 1400 nomaster'), step('link set dev v0 arp off')],
    {
      losses: [{ netns: 'ns1', dev: 'v0', what: 'all' }],
    },
  );
  const asked = async (said: string, ...rows: object[]) => {
    const reply = { rows: rows.map((row) => ({ ...row })), missing: false };
    return (await kernel.ip(async () => reply, said.split(' '), 'ns1')).rows;
  };
  const link = { ifname: 'v0', flags: ['MULTICAST', 'UP'], mtu: 1500, master: 'br0' };
  const addresses = [
    { family: 'inet', local: '10.0.0.1' },
    { family: 'inet6', local: 'fd01::1' },
  ];
  expect(await asked('address show dev v0', { ...link, addr_info: addresses })).toEqual([
    { ifname: 'v0', flags: ['MULTICAST', 'NOARP'], mtu: 1400, addr_info: addresses.slice(0, 1) },
  ]);
  const over = (...devs: string[]) => ({ dst: '10.9.0.0/24', nexthops: devs.map((dev) => ({ dev })) });
  expect(await asked('-4 route show table all', { dst: 'default', dev: 'v0' }, over('v0', 'v1'), over('v0'))).toEqual([
    over('v0', 'v1'),
  ]);
  expect(await asked('neighbour show to 10.0.0.7 dev v0', { dst: '10.0.0.7' })).toEqual([]);
  const group = { id: 3, group: [{ id: 1 }, { id: 2 }] };
  expect(await asked('nexthop show', { id: 1, dev: 'v0' }, { id: 2, dev: 'v1' }, group)).toEqual([
    { id: 2, dev: 'v1' },
    { id: 3, group: [{ id: 2 }] },
  ]);
  expect(await asked('rule show', { priority: 0 })).toEqual([{ priority: 0 }]);
});
