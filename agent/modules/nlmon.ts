import { defineLinkKind } from './shared/link/define.ts';

export const module = defineLinkKind({
  name: 'nlmon',
  summary: 'Makes or removes an nlmon link: capturing on it shows the netlink messages of its namespace.',
  examples: ['nlmon:\n  name: nlmon0\n  netns: ns01\n  state: up'],
  needs: 'the kernel module nlmon (CONFIG_NLMON)',
  attributes: {},
  without: { address: 'nlmon links have no address', master: 'nlmon links carry no packets' },
  fresh: { arp: false, multicast: false },
});
