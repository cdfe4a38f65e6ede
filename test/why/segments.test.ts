import { expect, test } from 'vitest';
import { evidenceSchema } from '../../controller/reach/why/seen/evidence.ts';
import { Segments } from '../../controller/reach/why/way/segment.ts';

const nic = { name: 'eth1', index: 2 };
const port = { ...nic, master: 'top' };
const far = { host: 'srv', links: [nic], addresses: [{ dev: 'eth1', address: '10.1.0.3', prefix: 24 }] };
const vlan = { name: 'top', index: 3, kind: 'vlan', id: 5, lower: 'eth1' };
const bridge = { name: 'top', index: 3, kind: 'bridge', bridge: {} };
const pair = { name: 'v0', index: 4, kind: 'veth', master: 'top', lowerIndex: 2, lowerNetns: 'ns01' };
const end = { name: 'v1', index: 2, kind: 'veth', lowerIndex: 4, lowerNetns: '' };
const bond = { name: 'top', index: 3, kind: 'bond' };
const inner = { dev: 'inner', address: '10.1.0.129' };
const on = (dev: string, address = '10.1.0.2') => [{ dev, address, prefix: 24 }];

/** What hears eth1 of another host, which has an address there or none: a device of pc, by the addresses that pc has. */
test.each([
  ['a device', true, [{ host: 'pc', links: [nic], addresses: on('eth1') }], far, 'eth1'],
  [
    'a device of another network',
    false,
    [{ host: 'pc', links: [nic], addresses: on('eth1', '10.2.0.2') }],
    far,
    'eth1',
  ],
  ['a bond', true, [{ host: 'pc', links: [port, bond], addresses: on('top') }], far, 'top'],
  ['a bridge', true, [{ host: 'pc', links: [port, bridge], addresses: on('top') }], far, 'top'],
  ['macvlan', true, [{ host: 'pc', links: [nic, { ...vlan, kind: 'macvlan' }], addresses: on('top') }], far, 'top'],
  [
    'a namespace at a bridge',
    true,
    [
      { host: 'pc', links: [port, bridge, pair] },
      { host: 'pc', netns: 'ns01', links: [end], addresses: on('v1') },
    ],
    far,
    'top',
  ],
  [
    'VLANs of the same number',
    true,
    [{ host: 'pc', links: [nic, vlan], addresses: on('top') }],
    { host: 'srv', links: [nic, vlan], addresses: on('top', '10.1.0.3') },
    'top',
  ],
  [
    'bridges of two networks of the same numbers, with the same address in both',
    false,
    [{ host: 'pc', links: [port, bridge], addresses: on('top') }],
    { host: 'srv', links: [port, bridge], addresses: [...on('top'), ...on('top', '10.1.0.3')] },
    'top',
  ],
  [
    'bonds, with an address that both have on lo',
    true,
    [
      {
        host: 'pc',
        links: [port, bond, { name: 'lo' }],
        addresses: [...on('top'), ...on('lo', '10.1.0.9')],
      },
    ],
    { ...far, links: [nic, { name: 'lo' }], addresses: [...far.addresses, ...on('lo', '10.1.0.9')] },
    'top',
  ],
  [
    'bonds, where a bridge within each has a part of their network to itself',
    true,
    [
      {
        host: 'pc',
        links: [port, bond, { ...bridge, name: 'inner' }],
        addresses: [...on('top'), { ...inner, prefix: 25 }],
      },
    ],
    {
      host: 'srv',
      links: [port, bond, { ...bridge, name: 'inner' }],
      addresses: [...on('top', '10.1.0.3'), { ...inner, prefix: 25 }],
    },
    'top',
  ],
  [
    'bonds, where both have one address of another network',
    true,
    [{ host: 'pc', links: [port, bond], addresses: [...on('top'), ...on('top', '10.5.0.9')] }],
    { host: 'srv', links: [port, bond], addresses: [...on('top', '10.1.0.3'), ...on('top', '10.5.0.9')] },
    'top',
  ],
  [
    'VLANs with the same addresses',
    false,
    [{ host: 'pc', links: [nic, vlan], addresses: on('top') }],
    { host: 'srv', links: [nic, vlan], addresses: on('top') },
    'top',
  ],
  [
    'devices with the same address',
    true,
    [{ host: 'pc', links: [nic], addresses: on('eth1') }],
    { host: 'srv', links: [nic], addresses: on('eth1') },
    'eth1',
  ],
  [
    'devices that carry VLANs of two numbers',
    false,
    [{ host: 'pc', links: [nic, vlan], addresses: on('top') }],
    { host: 'srv', links: [nic, { ...vlan, id: 6 }], addresses: on('top', '10.1.0.3') },
    'eth1',
  ],
  // A switch between them may take the tag off, or not.
  ['a VLAN, and a device without', false, [{ host: 'pc', links: [nic, vlan], addresses: on('top') }], far, 'top'],
  [
    'bridges of containers that nobody looked at',
    false,
    [{ host: 'pc', links: [{ ...pair, lowerNetns: '/' }, bridge], addresses: on('top', '172.17.0.1') }],
    { host: 'srv', links: [{ ...pair, lowerNetns: '/' }, bridge], addresses: on('top', '172.17.0.1') },
    'top',
  ],
])('%s: %s', (_, hears, near, other, dev) => {
  const question = { host: 'pc', to: '10.1.0.3' };
  const { places } = evidenceSchema.parse({ question, places: [...near, other] });
  const heard = dev === 'top' && other.links.some(({ name }) => name === 'top') ? 'top' : 'eth1';
  expect(new Segments(places).hear({ host: 'pc', netns: '', dev }, { host: 'srv', netns: '', dev: heard })).toBe(hears);
});
