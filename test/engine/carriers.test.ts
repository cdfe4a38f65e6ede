import { expect, it } from 'vitest';
import { carriedBy, downWith, goneWith } from '../../agent/engine/snapshot/carriers.ts';

const links = {
  '': [
    { ifname: 'eth0', ifindex: 2 },
    { ifname: 'br0', ifindex: 3 },
    { ifname: 'va', ifindex: 4, link_index: 2, link_netnsid: 0, master: 'br0' },
    { ifname: 'va.5', ifindex: 5, link: 'va' },
    { ifname: 'vc', ifindex: 6, link: 'vd' },
    { ifname: 'vd', ifindex: 7, link: 'vc' },
  ],
  ns1: [
    { ifname: 'vb', ifindex: 2, link_index: 4, link_netnsid: 0 },
    { ifname: 'vb.6', ifindex: 3, link: 'vb' },
  ],
};

it('tells which links have their carrier by another one', () => {
  const places = carriedBy({ netns: 'ns1', dev: 'vb' }, links).map(({ netns, dev }) => `${netns}/${dev}`);
  expect(places).toEqual(['ns1/vb', '/va', 'ns1/vb.6', '/br0', '/va.5']);
  expect(carriedBy({ netns: '', dev: 'vd' }, links).map(({ dev }) => dev)).toEqual(['vd', 'vc']);
  expect(carriedBy({ netns: '', dev: 'made-since' }, links)).toEqual([]);
});

it('tells which links of others go with a namespace', () => {
  expect(goneWith('ns1', links)).toEqual([
    { netns: '', dev: 'va' },
    { netns: '', dev: 'va.5' },
  ]);
  expect(goneWith('ns2', links)).toEqual([]);
});

it('tells which links go down with another one', () => {
  const vlan = (ifname: string, link: string) => ({ ifname, link, linkinfo: { info_kind: 'vlan' } });
  const here = [{ ifname: 'v0' }, vlan('v0.5', 'v0'), vlan('v0.5.6', 'v0.5'), { ifname: 'm0', link: 'v0' }];
  const port = (ifname: string, kind: string) => ({ ifname, master: 'v0', linkinfo: { info_slave_kind: kind } });
  expect(downWith({ netns: '', dev: 'v0' }, { '': [port('p0', 'vrf'), port('p1', 'bridge'), here[0] ?? {}] })).toEqual([
    { netns: '', dev: 'p0' },
  ]);
  expect(downWith({ netns: '', dev: 'v0' }, { '': here }).map(({ dev }) => dev)).toEqual(['v0.5', 'v0.5.6']);
});
