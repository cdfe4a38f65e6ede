import { defineLinkKind } from './shared/link/define.ts';
import {
  around,
  ends4,
  external,
  greHeader,
  ignoreDf,
  outer4,
  tunnelProblems,
  viaNoIgnoreDf,
  wholeTunnel,
} from './shared/link/ip-tunnel.ts';

const attributes = { ...ends4(false), ...outer4, ...ignoreDf, ...greHeader, ...around, external };

export const module = defineLinkKind({
  name: 'gre',
  summary: 'Makes or removes a gre tunnel: IP in GRE over IPv4.',
  examples: ['gre:\n  name: gre1\n  local: 172.16.91.10\n  remote: 172.16.91.14\n  ttl: 64\n  state: up'],
  needs: 'the kernel module ip_gre (CONFIG_NET_IPGRE)',
  relation: { role: 'parent', need: 'optional', as: 'dev' },
  underlay: 'own',
  attributes,
  without: { address: "a gre link's address is the tunnel's own end: local" },
  fresh: { arp: false, multicast: false },
  together: wholeTunnel(attributes),
  via: viaNoIgnoreDf,
  ownMtu: true,
  check: tunnelProblems,
});
