import { defineLinkKind } from './shared/link/define.ts';
import { around6, ends6, external, mode, outer6, tunnelProblems, wholeTunnel } from './shared/link/ip-tunnel.ts';

const attributes = {
  mode: mode(['any', 'ip6ip6', 'ipip6'], 'in place', 'any'),
  ...ends6,
  ...outer6,
  ...around6,
  external,
};

export const module = defineLinkKind({
  name: 'ip6tnl',
  summary: 'Makes or removes an ip6tnl tunnel: IPv4 or IPv6 in IPv6.',
  examples: ['ip6tnl:\n  name: tnl6\n  mode: ipip6\n  local: fd00::10\n  remote: fd00::14\n  state: up'],
  needs: 'the kernel module ip6_tunnel (CONFIG_IPV6_TUNNEL)',
  relation: { role: 'parent', need: 'optional', as: 'dev' },
  underlay: 'own',
  attributes,
  without: { address: "an ip6tnl link's address is the tunnel's own end: local" },
  fresh: { arp: false, multicast: false },
  together: wholeTunnel(attributes),
  ownMtu: true,
  check: tunnelProblems,
});
