import * as z from 'zod';
import { type Attribute, info, word } from './shared/link/attribute.ts';
import { defineLinkKind } from './shared/link/define.ts';
import { text } from './shared/rows.ts';

const policies = z.enum(['forward', 'blackhole']);
const scrubs = z.enum(['default', 'none']);

/** A word of its own; the other end's stands behind `peer`. */
function policy(description: string, json: string): Attribute<z.infer<typeof policies>> {
  return {
    field: policies.describe(description),
    shows: (row) => policies.safeParse(text(info(row), json)).data,
    words: (value) => [value],
    change: 'in place',
    unset: 'forward',
  };
}

export const module = defineLinkKind({
  name: 'netkit',
  summary:
    'Makes or removes a netkit pair: two links like those of a veth, whose packets eBPF programs can take at once.',
  notes: 'The task sets up the end that it names; a `link` task sets up the other one. Needs Linux 6.7.',
  examples: ['netkit:\n  name: nk0\n  mode: l2\n  peer: eth0\n  peer_netns: ns01\n  state: up'],
  needs: 'CONFIG_NETKIT',
  since: '6.7',
  relation: { role: 'peer', need: 'required' },
  // The kernel's "primary device" (netkit_change_link, drivers/net/netkit.c).
  leads: (row) => text(info(row), 'type') !== 'peer',
  // Without a header of Ethernet there is nobody to ask for.
  fresh: ({ mode }) => (mode === 'l2' ? {} : { arp: false }),
  attributes: {
    mode: word(z.enum(['l3', 'l2']).describe("Bare IP packets, or Ethernet; default: the kernel's, l3."), 'mode', {
      change: 'replace',
      unset: 'l3',
    }),
    policy: policy('What becomes of packets that no program decides about.', 'policy'),
    peer_policy: {
      ...policy('The same, for packets that the other end sends.', 'peer_policy'),
      ofPeer: true,
    },
    scrub: word(scrubs.describe('none: marks and priorities of packets are kept on their way in.'), 'scrub', {
      change: 'replace',
      since: '6.10',
      unset: 'default',
    }),
    peer_scrub: {
      ...word(scrubs.describe('The same, of the other end.'), 'scrub', {
        json: 'peer_scrub',
        change: 'replace',
        since: '6.10',
        unset: 'default',
      }),
      ofPeer: true,
    },
  },
});
