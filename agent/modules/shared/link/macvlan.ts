import * as z from 'zod';
import { macAddress, u32 } from '../fields.ts';
import { flag, number, texts } from '../rows.ts';
import { type Attribute, type Attributes, info, numeric, type ValuesOf, word } from './attribute.ts';

const modes = z
  .enum(['bridge', 'private', 'vepa', 'passthru', 'source'])
  .describe("How links of one parent see each other; default: the kernel's, vepa.");

const flagNames = ['nopromisc', 'nodst'] as const;

const flags: Attribute<readonly (typeof flagNames)[number][]> = {
  field: z
    .array(z.enum(flagNames))
    .max(flagNames.length)
    .describe('nopromisc: passthru leaves the parent out of promiscuous mode; nodst: source looks at no destination.'),
  shows: (row) => flagNames.filter((name) => flag(info(row), name)),
  words: (value) => (value.length === 0 ? ['flag', 'null'] : value.flatMap((name) => ['flag', name])),
  change: 'in place',
  unset: [],
  same: sameSet,
};

/** mode source: whose packets it takes. ip/iplink_macvlan.c has `set` for the whole list. */
const macaddr: Attribute<readonly string[]> = {
  field: z.array(macAddress).max(256).describe('mode source: MAC addresses whose packets it takes, all of them.'),
  shows: (row) => texts(info(row), 'macaddr_data'),
  words: (value) => (value.length === 0 ? ['macaddr', 'flush'] : ['macaddr', 'set', ...value]),
  change: 'in place',
  unset: [],
  same: sameSet,
};

/** ip shows it where it is not the kernel's default, 1. */
const bclim: Attribute<number> = {
  field: z.int().min(-0x80000000).max(0x7fffffff).describe('From how many receivers on broadcasts are queued.'),
  words: (value) => ['bclim', String(value)],
  change: 'in place',
  since: '6.4',
  unset: 1,
  shows: (row) => number(info(row), 'bclim') ?? 1,
};

function sameSet(wanted: readonly string[], present: readonly string[]): boolean {
  const spelled = (values: readonly string[]) => [...new Set(values.map((value) => value.toLowerCase()))].sort().join();
  return spelled(wanted) === spelled(present);
}

/** What macvlan and macvtap links have. */
export const macvlanAttributes = {
  mode: word(modes, 'mode', {
    // drivers/net/macvlan.c refuses to enter or leave passthru (EINVAL).
    except: {
      change: 'replace',
      when: (wanted, present) => wanted === 'passthru' || present === 'passthru',
      text: 'to or from passthru',
    },
  }),
  flags,
  macaddr,
  bcqueuelen: numeric(u32.describe('Longest queue of broadcast packets.'), 'bcqueuelen', {
    since: '5.11',
    unset: 1000,
  }),
  bclim,
} satisfies Attributes;

export function macvlanProblems(params: ValuesOf<typeof macvlanAttributes>): [string, string][] {
  if (params.macaddr === undefined || params.mode === undefined || params.mode === 'source') return [];
  return [['macaddr', 'only mode source has it']];
}
