import { expect, it } from 'vitest';
import { goesAlong, movedStep } from '../../agent/engine/moved-steps.ts';
import type { Action } from '../../agent/linux/action.ts';

const ip = (said: string): Action => ({ op: 'ip', args: said.split(' ') });
const ethtool = (said: string): Action => ({ op: 'ethtool', args: said.split(' ') });
const move = { from: { name: 'master0' }, to: { netns: 'ns1', name: 'w0' } };

it('knows what goes along into another namespace, whatever the link is called', () => {
  const lasting = [
    ip('link set dev master0 mtu 1400'),
    ethtool('-K master0 tso off'),
    ip('address add 10.0.0.1/24 dev v1'),
  ];
  const lost = [
    'link set dev master0 master br0',
    'link set dev master0 nomaster',
    'address add 10.0.0.1/24 dev master0',
  ];
  expect(lasting.map((action) => goesAlong(action, move))).toEqual([true, true, true]);
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
