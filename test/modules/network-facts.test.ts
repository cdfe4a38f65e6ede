import { expect, it } from 'vitest';
import { networkFacts } from '../../agent/modules/shared/facts/network.ts';
import { fakeHost, hostAnswers } from './fake-host.ts';

const links = [
  {
    ...{ ifname: 'lo', flags: ['LOOPBACK', 'UP'], mtu: 65536, link_type: 'loopback', address: '00:00:00:00:00:00' },
    addr_info: [{ family: 'inet', local: '10.255.0.1', prefixlen: 32, scope: 'global', label: 'lo' }],
  },
  {
    ...{ ifname: 'eth0', flags: ['UP'], mtu: 1500, link_type: 'ether', address: '02:00:00:00:00:01' },
    addr_info: [
      { family: 'inet', local: '10.0.0.5', prefixlen: 24, scope: 'global', label: 'eth0' },
      { family: 'inet', local: '192.168.1.5', prefixlen: 24, scope: 'global', label: 'eth0' },
    ],
  },
];

function defaults(route: Record<string, unknown>) {
  const answers = hostAnswers.parse({
    ip: {
      'address show': links,
      'route get 8.8.8.8': [{ type: 'unicast', dst: '8.8.8.8', dev: 'eth0', ...route }],
      '-6 route get 2404:6800:400a:800::1012': [{ type: 'unreachable', dst: '2404:6800:400a:800::1012', dev: 'lo' }],
      'route show table local type local': [],
      '-6 route show table local type local': [],
    },
  });
  return networkFacts(fakeHost(answers));
}

it('has the address that the kernel chooses, be it not the first', async () => {
  const { ansible_default_ipv4, ansible_default_ipv6 } = await defaults({
    gateway: '192.168.1.1',
    prefsrc: '192.168.1.5',
  });
  expect(ansible_default_ipv4).toMatchObject({ interface: 'eth0', address: '192.168.1.5', network: '192.168.1.0' });
  expect(ansible_default_ipv6).toEqual({});
});

it('tells of the link that has the address, which may be another one', async () => {
  const { ansible_default_ipv4 } = await defaults({ gateway: '10.0.0.1', prefsrc: '10.255.0.1' });
  expect(ansible_default_ipv4).toEqual({
    ...{ interface: 'eth0', gateway: '10.0.0.1', address: '10.255.0.1', broadcast: '', netmask: '255.255.255.255' },
    ...{
      network: '10.255.0.1',
      prefix: '32',
      alias: 'lo',
      macaddress: '00:00:00:00:00:00',
      mtu: 65536,
      type: 'loopback',
    },
  });
});
