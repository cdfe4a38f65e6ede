import { defineLinkKind } from './shared/link/define.ts';
import { around6, ends6, external, greHeader, outer6, tunnelProblems, wholeTunnel } from './shared/link/ip-tunnel.ts';

const attributes = { ...ends6, ...outer6, ...greHeader, ...around6, external };

export const module = defineLinkKind({
  name: 'ip6gre',
  summary: 'Makes or removes an ip6gre tunnel: IP in GRE over IPv6.',
  examples: ['ip6gre:\n  name: gre6\n  local: fd00::10\n  remote: fd00::14\n  state: up'],
  needs: 'the kernel module ip6_gre (CONFIG_IPV6_GRE)',
  relation: { role: 'parent', need: 'optional', as: 'dev' },
  underlay: 'own',
  attributes,
  without: { address: "an ip6gre link's address is the tunnel's own end: local" },
  fresh: { arp: false, multicast: false },
  together: wholeTunnel(attributes),
  ownMtu: true,
  check: tunnelProblems,
});
