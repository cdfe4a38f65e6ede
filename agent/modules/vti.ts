import { defineLinkKind } from './shared/link/define.ts';
import { ends4, fwmark, keys, wholeTunnel } from './shared/link/ip-tunnel.ts';

const attributes = { ...ends4(false), ...keys, fwmark };

export const module = defineLinkKind({
  name: 'vti',
  summary:
    'Makes or removes a vti link: what is routed to it takes the IPsec policies with its key as mark, over IPv4.',
  examples: ['vti:\n  name: vti1\n  local: 172.16.91.10\n  remote: 172.16.91.14\n  ikey: 42\n  okey: 42\n  state: up'],
  needs: 'the kernel module ip_vti (CONFIG_NET_IPVTI)',
  relation: { role: 'parent', need: 'optional', as: 'dev' },
  underlay: 'own',
  attributes,
  without: { address: "a vti link's address is the tunnel's own end: local" },
  fresh: { arp: false, multicast: false },
  together: wholeTunnel(attributes),
  ownMtu: true,
});
