import { defineLinkKind } from './shared/link/define.ts';
import { ipvlanAttributes, warnOfParent } from './shared/link/ipvlan.ts';

export const module = defineLinkKind({
  name: 'ipvlan',
  summary: "Makes or removes an ipvlan link: addresses of its own on its parent's MAC address.",
  notes:
    'Mode and flag belong to the parent: all ipvlan links of one parent share them. A parent carries ipvlan or macvlan ' +
    'links, not both.',
  examples: ['ipvlan:\n  name: ipvlan1\n  mode: l2\n  parent: ens34\n  netns: ns01\n  state: up'],
  needs: 'the kernel module ipvlan (CONFIG_IPVLAN)',
  relation: { role: 'parent', need: 'required' },
  attributes: ipvlanAttributes,
  without: { address: "ipvlan links have their parent's MAC address" },
  // ip/iplink_ipvlan.c sends mode and flags in each request: a mode alone would reset the flag to bridge.
  together: [['mode', 'flag']],
  warn: warnOfParent,
});
