import { defineLinkKind } from './shared/link/define.ts';
import { macvlanAttributes, macvlanProblems } from './shared/link/macvlan.ts';

export const module = defineLinkKind({
  name: 'macvtap',
  summary: 'Makes or removes a macvtap link: a macvlan that a program, such as a VM, reads and writes as /dev/tapN.',
  notes: 'A parent carries macvlan or ipvlan links, not both.',
  examples: [
    'macvtap:\n  name: mvt1\n  mode: bridge\n  parent: ens34\n  netns: ns01\n  state: up',
    'macvtap:\n  name: mvt2\n  mode: source\n  macaddr: ["02:00:00:00:00:01"]\n  parent: ens34',
  ],
  needs: 'the kernel module macvtap (CONFIG_MACVTAP)',
  relation: { role: 'parent', need: 'required' },
  attributes: macvlanAttributes,
  // ip/iplink_macvlan.c takes flags only beside the mode that they belong to.
  together: [['mode', 'flags']],
  check: macvlanProblems,
});
