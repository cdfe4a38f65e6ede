import { defineLinkKind } from './shared/link/define.ts';
import { macvlanAttributes, macvlanProblems } from './shared/link/macvlan.ts';

export const module = defineLinkKind({
  name: 'macvlan',
  summary: 'Makes or removes a macvlan link: a MAC address of its own on a parent.',
  notes: 'A parent carries macvlan or ipvlan links, not both.',
  examples: [
    'macvlan:\n  name: mv1\n  mode: bridge\n  parent: ens34\n  netns: ns01\n  state: up',
    'macvlan:\n  name: mv2\n  mode: source\n  macaddr: ["02:00:00:00:00:01"]\n  parent: ens34',
  ],
  needs: 'the kernel module macvlan (CONFIG_MACVLAN)',
  relation: { role: 'parent', need: 'required' },
  attributes: macvlanAttributes,
  // ip/iplink_macvlan.c takes flags only beside the mode that they belong to.
  together: [['mode', 'flags']],
  check: macvlanProblems,
});
