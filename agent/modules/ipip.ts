import { defineLinkKind } from './shared/link/define.ts';
import { around, ends4, external, mode, outer4, tunnelProblems, wholeTunnel } from './shared/link/ip-tunnel.ts';

const attributes = {
  mode: mode(['any', 'ipip', 'mplsip'], 'replace', 'any'),
  ...ends4(false),
  ...outer4,
  ...around,
  external,
};

export const module = defineLinkKind({
  name: 'ipip',
  summary: 'Makes or removes an ipip tunnel: IPv4 or MPLS in IPv4.',
  examples: ['ipip:\n  name: ipip1\n  local: 172.16.91.10\n  remote: 172.16.91.14\n  netns: ns01\n  state: up'],
  needs: 'the kernel module ipip (CONFIG_NET_IPIP)',
  relation: { role: 'parent', need: 'optional', as: 'dev' },
  underlay: 'own',
  attributes,
  without: { address: "an ipip link's address is the tunnel's own end: local" },
  fresh: { arp: false, multicast: false },
  together: wholeTunnel(attributes),
  ownMtu: true,
  check: tunnelProblems,
});
