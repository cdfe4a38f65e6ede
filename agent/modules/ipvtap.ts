import { defineLinkKind } from './shared/link/define.ts';
import { ipvlanAttributes, warnOfParent } from './shared/link/ipvlan.ts';

export const module = defineLinkKind({
  name: 'ipvtap',
  summary: 'Makes or removes an ipvtap link: an ipvlan that a program, such as a VM, reads and writes as /dev/tapN.',
  notes:
    'Mode and flag belong to the parent: all ipvlan and ipvtap links of one parent share them. A parent carries ipvlan or macvlan ' +
    'links, not both.',
  examples: ['ipvtap:\n  name: ipvtap1\n  mode: l2\n  parent: ens34\n  netns: ns01\n  state: up'],
  needs: 'the kernel module ipvtap (CONFIG_IPVTAP)',
  since: '4.12',
  relation: { role: 'parent', need: 'required' },
  attributes: ipvlanAttributes,
  without: { address: "ipvtap links have their parent's MAC address" },
  // ip/iplink_ipvlan.c sends mode and flags in each request: a mode alone would reset the flag to bridge.
  together: [['mode', 'flag']],
  warn: warnOfParent,
});
