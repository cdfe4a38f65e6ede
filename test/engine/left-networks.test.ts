import { expect, test } from 'vitest';
import { leftNetwork, networkAlong } from '../../agent/engine/steps/left-networks.ts';
import type { Row } from '../../agent/modules/shared/rows.ts';
import { FakeHost } from './fake-host.ts';

const route = { dst: 'fd00::/64', protocol: 'kernel', metric: 256, flags: [] };
const address = { family: 'inet6', local: 'fd00::1', prefixlen: 64, scope: 'global' };

function answering(routes: readonly Row[], ...addresses: Row[]): FakeHost {
  const host = new FakeHost({});
  host.ip = async (args) => {
    const shown: Record<string, readonly Row[]> = {
      'address show dev d1': [{ ifname: 'd1', addr_info: addresses }],
      '-6 route show exact fd00::/64 dev d1 proto kernel table all': routes,
    };
    return { rows: [...(shown[args.join(' ')] ?? [])], missing: false };
  };
  return host;
}

const adding = (words: string) => ({ op: 'ip', args: `address add ${words}`.split(' ') }) as const;

const added = async (words: string, routes: readonly Row[] = []) =>
  (await networkAlong(adding(words), answering(routes))).network;

test('the route that comes with an address is noted where it is not there yet', async () => {
  const network = { dst: 'fd00::/64', dev: 'd1', metric: 256 };
  expect(await added('fd00::4/64 dev d1')).toEqual(network);
  expect(await added('fd00::4/64 dev d1 metric 77', [route])).toEqual({ ...network, metric: 77 });
  expect(await added('fd00::4 peer fd09::5/64 dev d1')).toEqual(network);
  // One of an advertisement comes and goes by itself.
  expect(await added('fd00::4/64 dev d1', [{ ...route, expires: 86400 }])).toEqual(network);
  expect(await added('fd00::4/64 dev d1', [route])).toBeUndefined();
  expect(await added('fd00::4/64 dev d1 noprefixroute')).toBeUndefined();
  expect(await added('10.0.0.4/24 dev d1')).toBeUndefined();
});

const bare = { ...address, noprefixroute: true };
const return256 = ['-6 route append fd00::/64 dev d1 table main metric 256 protocol kernel'];

test.each<[string, Row, string, readonly string[]]>([
  ['another one asks for it', address, 'fd00::4/64 dev d1', []],
  ['another one asks for none', bare, 'fd00::4/64 dev d1', return256],
  ['it asks for one of another metric', bare, 'fd00::4/64 dev d1 metric 77', return256],
])('a route that is there already goes along with the address, and comes back: %s', async (_, other, words, back) => {
  const found = await networkAlong(adding(words), answering([route], other));
  expect(found.back.map((action) => action.op === 'ip' && action.args.join(' '))).toEqual(back);
});

const removal = '-6 route delete fd00::/64 dev d1 table main metric 256';

test.each<[string, readonly Row[], readonly Row[], readonly string[]]>([
  ['one asks for none', [route], [bare], [removal]],
  ['one asks for another one', [route], [{ ...address, metric: 77 }], [removal]],
  ['one is in another network', [route], [{ ...address, local: 'fd01::1' }], [removal]],
  ['in a VRF', [{ ...route, table: '10' }], [bare], [removal.replace('main', '10')]],
  ['one asks for it', [route], [address], []],
  ['it is of another metric, and somebody else made it', [{ ...route, metric: 100 }], [bare], []],
  ['it is of an advertisement', [{ ...route, expires: 86400 }], [bare], []],
])('the route to a network that stayed behind its address: %s', async (_, routes, addresses, removed) => {
  const network = { dst: 'fd00::/64', dev: 'd1', metric: 256 };
  const found = await leftNetwork(network, undefined, answering(routes, ...addresses));
  expect(found.map((action) => action.op === 'ip' && action.args.join(' '))).toEqual(removed);
});

test('a link that is gone has left none', async () => {
  expect(await leftNetwork({ dst: 'fd00::/64', dev: 'd1', metric: 256 }, undefined, new FakeHost({}))).toEqual([]);
});
