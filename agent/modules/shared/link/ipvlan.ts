import * as z from 'zod';
import { flag as isThere } from '../rows.ts';
import { type Attribute, type Attributes, info, word } from './attribute.ts';
import type { LinkState } from './types.ts';

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

/** What ipvlan and ipvtap links have. */
export const ipvlanAttributes = { mode: word(modes, 'mode'), flag } satisfies Attributes;

/** drivers/net/ipvlan/ipvlan_main.c keeps both with the port, which is the parent's. */
export function warnOfParent(changed: readonly string[], { kind, lower }: LinkState): string[] {
  return [`the ${kind} ${changed[0]} belongs to the parent ${lower}: it changes for every ${kind} link there`];
}
