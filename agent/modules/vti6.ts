import { defineLinkKind } from './shared/link/define.ts';
import { ends6, fwmark, keys, wholeTunnel } from './shared/link/ip-tunnel.ts';

const attributes = { ...ends6, ...keys, fwmark };

export const module = defineLinkKind({
  name: 'vti6',
  summary:
    'Makes or removes a vti6 link: what is routed to it takes the IPsec policies with its key as mark, over IPv6.',
  examples: ['vti6:\n  name: vti6\n  local: fd00::10\n  remote: fd00::14\n  ikey: 42\n  okey: 42\n  state: up'],
  needs: 'the kernel module ip6_vti (CONFIG_IPV6_VTI)',
  relation: { role: 'parent', need: 'optional', as: 'dev' },
  underlay: 'own',
  attributes,
  without: { address: "a vti6 link's address is the tunnel's own end: local" },
  fresh: { arp: false, multicast: false },
  together: wholeTunnel(attributes),
  ownMtu: true,
});
