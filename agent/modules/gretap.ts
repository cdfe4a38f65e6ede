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

const attributes = { ...ends4(true), ...outer4, ...ignoreDf, ...greHeader, ...around, external };

export const module = defineLinkKind({
  name: 'gretap',
  summary: 'Makes or removes a gretap tunnel: Ethernet in GRE over IPv4.',
  examples: [
    'gretap:\n  name: tap1\n  local: 172.16.91.10\n  remote: 172.16.91.14\n  ikey: 7\n  okey: 7\n  master: br0\n  state: up',
  ],
  needs: 'the kernel module ip_gre (CONFIG_NET_IPGRE)',
  relation: { role: 'parent', need: 'optional', as: 'dev' },
  underlay: 'own',
  attributes,
  together: wholeTunnel(attributes),
  via: viaNoIgnoreDf,
  ownMtu: true,
  check: tunnelProblems,
});
