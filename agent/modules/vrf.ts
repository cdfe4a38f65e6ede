import { u32 } from './shared/fields.ts';
import { numeric } from './shared/link/attribute.ts';
import { defineLinkKind } from './shared/link/define.ts';
import { portsExtra } from './shared/link/ports.ts';

export const module = defineLinkKind({
  name: 'vrf',
  summary: 'Makes or removes a VRF: a routing table of their own for the links that are put into it.',
  notes:
    'Links are put into it by their `master`; their addresses and routes then belong to its table, where `route` puts ' +
    'more by its `table`.',
  examples: ['vrf:\n  name: red\n  table: 100\n  state: up'],
  needs: 'the kernel module vrf (CONFIG_NET_VRF)',
  attributes: {
    table: numeric(u32.min(1).describe('Number of its routing table.'), 'table', { change: 'replace' }),
  },
  fresh: { arp: false, multicast: false },
  check: ({ table, state }) =>
    table === undefined && state !== 'absent' ? [['table', 'say the number of its routing table']] : [],
  extra: portsExtra,
});
