import { defineLinkKind } from './shared/link/define.ts';
import { around6, ends6, external, greHeader, outer6, tunnelProblems, wholeTunnel } from './shared/link/ip-tunnel.ts';

const attributes = { ...ends6, ...outer6, ...greHeader, ...around6, external };

export const module = defineLinkKind({
  name: 'ip6gretap',
  summary: 'Makes or removes an ip6gretap tunnel: Ethernet in GRE over IPv6.',
  examples: ['ip6gretap:\n  name: tap6\n  local: fd00::10\n  remote: fd00::14\n  encaplimit: none\n  state: up'],
  needs: 'the kernel module ip6_gre (CONFIG_IPV6_GRE)',
  relation: { role: 'parent', need: 'optional', as: 'dev' },
  underlay: 'own',
  attributes,
  together: wholeTunnel(attributes),
  ownMtu: true,
  check: tunnelProblems,
});
