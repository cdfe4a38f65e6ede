import { defineLinkKind } from './shared/link/define.ts';

export const module = defineLinkKind({
  name: 'ifb',
  summary: 'Makes or removes an ifb link: packets are redirected to it for queueing, and go on from there.',
  notes: 'Redirecting to it, what a link receives is queued as if it were sent.',
  examples: ['ifb:\n  name: ifb0\n  netns: ns01\n  state: up'],
  needs: 'the kernel module ifb (CONFIG_IFB)',
  attributes: {},
  // drivers/net/ifb.c has no way to set it once the link is there.
  changes: { address: 'replace' },
  fresh: { arp: false, multicast: false },
});
