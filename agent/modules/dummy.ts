import { defineLinkKind } from './shared/link/define.ts';

export const module = defineLinkKind({
  name: 'dummy',
  summary: 'Makes or removes a dummy link: it takes every packet and passes on none.',
  examples: ['dummy:\n  name: dummy0\n  netns: ns01\n  state: up'],
  needs: 'the kernel module dummy (CONFIG_DUMMY)',
  attributes: {},
  fresh: { arp: false, multicast: false },
});
