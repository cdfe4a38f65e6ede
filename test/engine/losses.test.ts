import { expect, test } from 'vitest';
import { withLosses } from '../../agent/engine/losses.ts';
import type { Step } from '../../agent/modules/module.ts';
import { FakeHost } from './fake-host.ts';

/** What Debian 13 answers of a host with one uplink. */
const answers: Readonly<Record<string, object[]>> = {
  '-4 route show table all': [
    {
      type: 'unicast',
      dst: 'default',
      gateway: '172.16.91.2',
      dev: 'ens34',
      table: 'main',
      protocol: 'boot',
      scope: 'global',
      flags: [],
    },
    {
      type: 'unicast',
      dst: '172.16.91.0/24',
      dev: 'ens34',
      protocol: 'kernel',
      scope: 'link',
      prefsrc: '172.16.91.14',
      flags: [],
    },
    { type: 'unicast', dst: '10.9.0.0/16', dev: 'ens34', table: '100', protocol: 'static', scope: 'link', flags: [] },
    {
      type: 'unicast',
      dst: '10.8.0.0/16',
      dev: 'other0',
      table: 'main',
      protocol: 'boot',
      scope: 'link',
      prefsrc: '172.16.91.14',
      flags: [],
    },
    { type: 'unicast', dst: '10.7.0.0/16', dev: 'other0', table: 'main', protocol: 'boot', scope: 'link', flags: [] },
  ],
  '-6 route show table all': [
    { type: 'unicast', dst: 'fe80::/64', dev: 'ens34', table: 'main', protocol: 'kernel', metric: 256, flags: [] },
    {
      type: 'unicast',
      dst: 'default',
      gateway: 'fe80::1',
      dev: 'ens34',
      table: 'main',
      protocol: 'ra',
      metric: 100,
      flags: [],
    },
    {
      type: 'unicast',
      dst: 'fd01::/64',
      gateway: 'fd00::2',
      dev: 'ens34',
      table: 'main',
      protocol: 'boot',
      metric: 1024,
      flags: [],
    },
  ],
  'address show dev ens34': [
    {
      ifname: 'ens34',
      addr_info: [
        { family: 'inet', local: '172.16.91.14', prefixlen: 24, scope: 'global', label: 'ens34' },
        { family: 'inet6', local: 'fd00::14', prefixlen: 64, scope: 'global' },
        { family: 'inet6', local: 'fd02::1:2:3', prefixlen: 64, scope: 'global', dynamic: true, mngtmpaddr: true },
        { family: 'inet6', local: 'fe80::1:2', prefixlen: 64, scope: 'link' },
      ],
    },
  ],
};

class Answering extends FakeHost {
  override async ip(args: readonly string[]) {
    return { rows: (answers[args.join(' ')] ?? []) as Record<string, unknown>[], missing: false };
  }
}

async function losses(...args: string[]): Promise<string[]> {
  const step: Step = { object: 'x', action: { op: 'ip', args }, undo: [{ op: 'ip', args: ['inverse'] }] };
  const [found] = await withLosses([step], new Answering({}));
  return (found?.undo ?? []).slice(1).map((action) => (action.op === 'ip' ? action.args.join(' ') : action.op));
}

const v4Routes = [
  'route add 10.9.0.0/16 dev ens34 table 100 scope link protocol static',
  'route add 0.0.0.0/0 via 172.16.91.2 dev ens34 table main scope global',
];
const addresses = ['address replace 172.16.91.14/24 dev ens34 scope global', 'address replace fd00::14/64 dev ens34'];
const v6 = ['-6 route add fd01::/64 via fd00::2 dev ens34 table main'];

test('routes of the link and of the address go with it, and come back in an order that works', async () => {
  expect(await losses('address', 'delete', '172.16.91.14/24', 'dev', 'ens34')).toEqual([
    ...addresses,
    v4Routes[0],
    'route add 10.8.0.0/16 dev other0 table main scope link src 172.16.91.14',
    v4Routes[1],
    ...v6,
  ]);
});

test('a link that goes down loses routes and addresses; what the kernel makes again is not made twice', async () => {
  const found = [...addresses, ...v4Routes, ...v6];
  expect(await losses('link', 'set', 'dev', 'ens34', 'down')).toEqual(found);
  expect(await losses('link', 'set', 'dev', 'ens34', 'master', 'br0')).toEqual(found);
});

test('other changes take nothing along', async () => {
  expect(await losses('link', 'set', 'dev', 'ens34', 'alias', 'x')).toEqual([]);
  expect(await losses('link', 'set', 'dev', 'ens34', 'up')).toEqual([]);
  expect(await losses('address', 'add', '10.0.0.1/24', 'dev', 'ens34')).toEqual([]);
});
