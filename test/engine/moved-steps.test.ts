import { expect, it } from 'vitest';
import type { Move } from '../../agent/engine/steps/moved-links.ts';
import { goesAlong, movedStep } from '../../agent/engine/steps/moved-steps.ts';
import type { Action } from '../../agent/linux/action.ts';
import type { Step } from '../../agent/modules/module.ts';
import { registry } from '../../agent/modules/registry.gen.ts';
import { findKindsIn } from '../../agent/modules/shared/link/kind.ts';

const ip = (said: string): Action => ({ op: 'ip', args: said.split(' ') });
const ethtool = (said: string): Action => ({ op: 'ethtool', args: said.split(' ') });
const move = { from: { name: 'master0' }, to: { netns: 'ns1', name: 'w0' } };

it('knows what goes along into another namespace, whatever the link is called', () => {
  const lasting = [
    ip('link set dev master0 mtu 1400'),
    ip('tuntap add dev master0 mode tap'),
    ethtool('-K master0 tso off'),
    ip('address add 10.0.0.1/24 dev v1'),
  ];
  const lost = [
    'link set dev master0 master br0',
    'link set dev master0 nomaster',
    'address add 10.0.0.1/24 dev master0',
  ];
  expect(lasting.map((action) => goesAlong(action, move))).toEqual([true, true, true, true]);
  expect(lost.map((said) => goesAlong(ip(said), move))).toEqual([false, false, false]);
  expect(goesAlong(ip('link set dev master0 type bridge_slave learning off'), move)).toBe(false);
});

it("writes a link's own settings of it where it is, and no others", () => {
  const there = (object: string, action: Action) => movedStep({ object, action, undo: [] }, move);
  expect(there('ethtool master0', ethtool('-K master0 tso off'))).toMatchObject({
    object: 'ethtool ns1/w0',
    action: { netns: 'ns1', args: ['-K', 'w0', 'tso', 'off'] },
  });
  expect(there('ethtool v1', ethtool('-K v1 tso off'))).toMatchObject({
    object: 'ethtool v1',
    action: ethtool('-K v1 tso off'),
  });
  expect(there('link master0', ip('link set dev master0 mtu 1400')).action).toEqual({
    ...ip('link set dev w0 mtu 1400'),
    netns: 'ns1',
  });
});

it('renames a link in the words of tc, too', () => {
  const commands = [['filter', 'add', 'dev', 'v0', 'ingress', 'action', 'mirred', 'egress', 'redirect', 'dev', 'v2']];
  const step = { object: 'qdisc v0 clsact', action: { op: 'tc', dev: 'v0', commands } as const, undo: [] };
  const renamed = movedStep(step, { from: { name: 'v0' }, to: { name: 'w0' } });
  const both = movedStep(renamed, { from: { name: 'v2' }, to: { name: 'w2' } });
  expect(both).toMatchObject({
    object: 'qdisc w0 clsact',
    action: { dev: 'w0', commands: [commands[0]?.map((word) => word.replace(/^v/, 'w'))] },
  });
});

it('makes a pair with the end that moves in its new place', () => {
  const make = (netns: string | undefined, said: string): Action => ({ op: 'ip', netns, args: said.split(' ') });
  const pair = (action: Action, ...to: Move[]) =>
    to.reduce((step, each) => movedStep(step, each), { object: 'link v0', action, undo: [] } as Step).action;
  const apart = make(undefined, 'link add name v0 mtu 1400 netns ns0 type veth peer name w1 netns ns1');
  const together = make('ns0', 'link add name v0 mtu 1400 type veth peer name v1');
  const there = { from: { netns: 'ns0', name: 'v1' }, to: { netns: 'ns1', name: 'w1' } };
  expect(pair(together, there)).toEqual(apart);
  expect(pair(together, there, { from: there.to, to: there.from })).toEqual(together);
  expect(pair(apart, { from: { netns: 'ns0', name: 'v0' }, to: { name: 'v0' } })).toEqual(
    make(undefined, 'link add name v0 mtu 1400 type veth peer name w1 netns ns1'),
  );
});

it('takes along what a VXLAN has of its own, and no entry of a bridge', () => {
  const bridge = (said: string): Action => ({ op: 'bridge', args: said.split(' ') });
  const own = bridge('fdb replace 02:00:00:00:00:01 dev master0 self dst 10.0.0.8 permanent');
  expect(goesAlong(own, move)).toBe(true);
  expect(goesAlong(bridge('fdb replace 02:00:00:00:00:01 dev master0 master static'), move)).toBe(false);
  const object = 'fdb 02:00:00:00:00:01 dst 10.0.0.8 on master0';
  expect(movedStep({ object, action: own, undo: [] }, move)).toMatchObject({
    object: 'fdb 02:00:00:00:00:01 dst 10.0.0.8 on ns1/w0',
    action: {
      netns: 'ns1',
      args: ['fdb', 'replace', '02:00:00:00:00:01', 'dev', 'w0', 'self', 'dst', '10.0.0.8', 'permanent'],
    },
  });
});

it('makes a link in its new place from where its parent or underlay is', () => {
  findKindsIn(registry);
  const make = (netns: string | undefined, said: string): Action => ({ op: 'ip', netns, args: said.split(' ') });
  const moves: Readonly<Record<string, Move>> = {
    away: { from: { name: 'v0' }, to: { netns: 'ns1', name: 'w0' } },
    on: { from: { netns: 'ns1', name: 'v0' }, to: { netns: 'ns2', name: 'v0' } },
    back: { from: { netns: 'ns1', name: 'v0' }, to: { name: 'v0' } },
  };
  const madeAgain = (action: Action, which: keyof typeof moves) =>
    movedStep({ object: 'link v0', action, undo: [] }, moves[which] as Move).action;
  const vlan = make(undefined, 'link add link p0 name v0 netns ns1 type vlan id 5');
  expect(madeAgain(make(undefined, 'link add link p0 name v0 type vlan id 5'), 'away')).toEqual(
    make(undefined, 'link add link p0 name w0 netns ns1 type vlan id 5'),
  );
  expect(madeAgain(make(undefined, 'link add name v0 type vxlan id 9 dev p0'), 'away')).toEqual(
    make(undefined, 'link add name w0 netns ns1 type vxlan id 9 dev p0'),
  );
  expect(madeAgain(make(undefined, 'link add name v0 type dummy'), 'away')).toEqual(
    make('ns1', 'link add name w0 type dummy'),
  );
  expect(madeAgain(make(undefined, 'link add name v0 type gre remote 10.0.0.1'), 'away')).toEqual(
    make('ns1', 'link add name w0 type gre remote 10.0.0.1'),
  );
  expect(madeAgain(make(undefined, 'tuntap add dev v0 mode tap'), 'away')).toEqual(
    make('ns1', 'tuntap add dev w0 mode tap'),
  );
  expect(madeAgain(vlan, 'on')).toEqual(make(undefined, 'link add link p0 name v0 netns ns2 type vlan id 5'));
  expect(madeAgain(vlan, 'back')).toEqual(make(undefined, 'link add link p0 name v0 type vlan id 5'));
  expect(madeAgain(make('ns1', 'link add link p0 name v0 type vlan id 5'), 'back')).toEqual(
    make(undefined, 'link add link p0 name v0 link-netns ns1 type vlan id 5'),
  );
});
