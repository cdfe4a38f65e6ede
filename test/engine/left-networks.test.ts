import { expect, test } from 'vitest';
import { leftNetworks } from '../../agent/engine/left-networks.ts';
import { FakeHost } from './fake-host.ts';

const routes = [
  { dst: 'fd00::/64', protocol: 'kernel', metric: 77, flags: [] },
  { dst: 'fd00::/64', protocol: 'kernel', metric: 256, flags: [] },
];

function answering(...addresses: object[]): FakeHost {
  const host = new FakeHost({});
  host.ip = async (args) => {
    const shown: Record<string, Record<string, unknown>[]> = {
      'address show dev d1': [{ ifname: 'd1', addr_info: addresses }],
      '-6 route show exact fd00::/64 dev d1 proto kernel': routes,
    };
    return { rows: shown[args.join(' ')] ?? [], missing: false };
  };
  return host;
}

const address = { family: 'inet6', local: 'fd00::1', prefixlen: 64, scope: 'global' };
const [of77, of256] = [77, 256].map((metric) => `-6 route delete fd00::/64 dev d1 table main metric ${metric}`);

test.each<[string, object[], (string | undefined)[]]>([
  ['nobody has an address of the network any more', [], [of77, of256]],
  ['one asks for the usual one', [address], [of77]],
  ['one asks for one of its own', [{ ...address, metric: 77 }], [of256]],
  ['one asks for none', [{ ...address, noprefixroute: true }], [of77, of256]],
  ['one is in another network', [{ ...address, local: 'fd01::1' }], [of77, of256]],
])('routes to a network that stayed: %s', async (_, addresses, removed) => {
  const actions = [{ op: 'ip', args: ['address', 'delete', 'fd00::4/64', 'dev', 'd1'] }] as const;
  const found = await leftNetworks(actions, answering(...addresses));
  expect(found.map((action) => action.op === 'ip' && action.args.join(' '))).toEqual(removed);
});

test('addresses of IPv4 leave none, and neither do links that are gone', async () => {
  const host = new FakeHost({});
  for (const words of ['address delete 10.0.0.1/24 dev d1', 'address delete fd00::4/64 dev d1', 'link delete dev d1'])
    expect(await leftNetworks([{ op: 'ip', args: words.split(' ') }], host)).toEqual([]);
});
