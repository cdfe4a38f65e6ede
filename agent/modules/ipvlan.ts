import * as z from 'zod';
import { type Attribute, info, word } from './shared/link/attribute.ts';
import { defineLinkKind } from './shared/link/define.ts';
import { flag as isThere } from './shared/rows.ts';

const modes = z.enum(['l2', 'l3', 'l3s']).describe("How packets get to the parent; default: the kernel's, l3.");
const flags = ['bridge', 'private', 'vepa'] as const;

/** A word of its own; ip/iplink_ipvlan.c shows it as a key that is true. */
const flag: Attribute<(typeof flags)[number]> = {
  field: z.enum(flags).describe('How links of one parent see each other.'),
  shows: (row) => flags.find((name) => isThere(info(row), name)),
  words: (value) => [value],
  change: 'in place',
  since: '4.15',
};

export const module = defineLinkKind({
  name: 'ipvlan',
  summary: "Makes or removes an ipvlan link: addresses of its own on its parent's MAC address.",
  notes:
    'Mode and flag belong to the parent: all ipvlan links of one parent share them. A parent carries ipvlan or macvlan ' +
    'links, not both.',
  examples: ['ipvlan:\n  name: ipvlan1\n  mode: l2\n  parent: ens34\n  netns: ns01\n  state: up'],
  needs: 'the kernel module ipvlan (CONFIG_IPVLAN)',
  relation: { role: 'parent', need: 'required' },
  attributes: { mode: word(modes, 'mode'), flag },
  without: { address: "ipvlan links have their parent's MAC address" },
  // ip/iplink_ipvlan.c sends mode and flags in each request: a mode alone would reset the flag to bridge.
  together: [['mode', 'flag']],
  warn: (changed, link) => [
    `the ipvlan ${changed[0]} belongs to the parent ${link.lower}: it changes for every ipvlan link there`,
  ],
});
