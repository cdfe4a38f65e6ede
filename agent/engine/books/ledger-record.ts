import * as z from 'zod';
import type { Action } from '../../linux/action.ts';
import { daemonName, daemonSpecRecord } from '../../linux/daemons/spec-record.ts';
import { isNetnsName, sysctlPath } from '../../linux/ip/names.ts';
import type { Along } from '../losses/written-along.ts';
import type { Guard } from '../steps/guard.ts';
import type { LedgerEntry } from './ledger-entry.ts';

/** One line of a ledger. */
export type LedgerRecord =
  | { readonly r: 'lab'; readonly name: string }
  /** A new entry, or the new text of the one with this number. */
  | { readonly r: 'entry'; readonly entry: LedgerEntry }
  /** An entry of a step that may come: it counts for nothing until it is begun. */
  | { readonly r: 'foreseen'; readonly entry: LedgerEntry }
  | { readonly r: 'begun'; readonly seqs: readonly number[] }
  | {
      readonly r: 'done';
      readonly seq: number;
      readonly guard?: Guard | undefined;
      readonly sysctls?: Along | undefined;
    }
  | { readonly r: 'drop'; readonly seqs: readonly number[] };

const text = z.string();
const netnsName = text.refine(isNetnsName);
const netns = netnsName.optional();
const mode = z.int().min(0).max(0o7777).optional();
const path = text.startsWith('/').refine((name) => !name.includes('\0'));
const id = z
  .int()
  .min(0)
  .max(2 ** 32 - 1);
/** More would be no numbers any more that one can be added to. */
const seq = z
  .int()
  .min(0)
  .max(2 ** 48);
/** No command is two lines. */
const word = text.regex(/^[^\0\n]*$/);
const name = text.regex(/^[^\0\n]+$/);
const key = text.refine(isSysctlKey);

function isSysctlKey(said: string): boolean {
  try {
    return sysctlPath(said) !== '';
  } catch {
    return false;
  }
}

const time = z.union([z.number(), z.literal('now')]).optional();

const fileAction = z.lazy(() =>
  z.discriminatedUnion('do', [
    z.object({ do: z.literal('write'), path, content: text, mode, unsafe: z.boolean().optional() }),
    z.object({ do: z.enum(['mkdir', 'rmdir', 'unlink', 'touch']), path, mode }),
    z.object({ do: z.literal('times'), path, atime: time, mtime: time }),
    z.object({ do: z.enum(['symlink', 'link']), path, target: text }),
    z.object({ do: z.literal('mode'), path, mode: z.int().min(0).max(0o7777) }),
    z.object({ do: z.literal('owner'), path, uid: id, gid: id }),
  ]),
);

const command = z.lazy(() =>
  z.object({
    argv: z.array(text).min(1),
    netns,
    cwd: text.optional(),
    env: z.record(text, text).optional(),
    stdin: text.optional(),
    runAs: text.optional(),
  }),
);

const action: z.ZodType<Action> = z.lazy(() =>
  z.discriminatedUnion('op', [
    z.object({ op: z.literal('ip'), netns, args: z.array(word), ifMissing: z.boolean().optional() }),
    z.object({ op: z.literal('sysctl'), netns, key, value: text }),
    z.object({ op: z.enum(['netns-add', 'netns-delete']), name: netnsName }),
    z.object({ op: z.literal('file'), file: fileAction }),
    z.object({ op: z.literal('nft'), netns, family: name, table: name, text: text.optional() }),
    z.object({
      op: z.literal('nft-rule'),
      netns,
      ...{ family: name, table: name, chain: name, rule: text },
      index: z.int().min(0).optional(),
      count: z.int().min(1).optional(),
      remove: z.boolean().optional(),
    }),
    z.object({
      op: z.literal('tc'),
      netns,
      dev: name,
      clear: z.enum(['root', 'clsact', 'ingress']).optional(),
      commands: z.array(z.array(word)),
    }),
    z.object({ op: z.literal('bridge'), netns, args: z.array(word) }),
    z.object({ op: z.literal('wg'), netns, dev: name, config: text }),
    z.object({ op: z.literal('macsec'), netns, dev: name, args: z.array(word) }),
    z.object({ op: z.literal('ethtool'), netns, args: z.array(word) }),
    z.object({ op: z.literal('exec'), command, says: text.optional() }),
    z.object({ op: z.literal('daemon'), daemon: daemonSpecRecord, run: z.boolean() }),
    z.object({ op: z.literal('daemon-remove'), name: daemonName, netns }),
  ]),
);

const guard: z.ZodType<Guard> = z.lazy(() =>
  z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('sysctl'), netns, key, values: z.array(text) }),
    z.object({ kind: z.literal('file'), path, values: z.array(text) }),
    z.object({ kind: z.literal('link'), link: z.object({ netns, name }), index: z.int() }),
  ]),
);

const sysctls = z.record(key, text.nullable());

const entry: z.ZodType<LedgerEntry> = z.lazy(() =>
  z.object({
    seq,
    run: text,
    object: text,
    part: text.optional(),
    undo: z.array(action),
    removes: z.boolean(),
    guard: guard.optional(),
    state: z.enum(['intended', 'done']),
    boot: text,
    where: text.optional(),
    heirOf: text.optional(),
    found: z.array(z.object({ netns, dev: name, addresses: z.array(z.record(text, z.unknown())) })).optional(),
    owed: z.array(action).optional(),
    sysctls: sysctls.optional(),
    network: z.object({ dst: word, dev: name, metric: z.int() }).optional(),
    masters: z.array(z.object({ netns, name })).optional(),
    taken: z.object({ lab: text, seq }).optional(),
  }),
);

const record: z.ZodType<LedgerRecord> = z.lazy(() =>
  z.discriminatedUnion('r', [
    z.object({ r: z.literal('lab'), name: text }),
    z.object({ r: z.literal('entry'), entry }),
    z.object({ r: z.literal('foreseen'), entry }),
    z.object({ r: z.literal('begun'), seqs: z.array(seq) }),
    z.object({ r: z.literal('done'), seq, guard: guard.optional(), sysctls: sysctls.optional() }),
    z.object({ r: z.literal('drop'), seqs: z.array(seq) }),
  ]),
);

/** A line as an agent wrote it; undefined for anything else: what it says would be carried out as root. */
export function parseRecord(line: string): LedgerRecord | undefined {
  try {
    return record.safeParse(JSON.parse(line)).data;
  } catch {
    // No JSON at all: it counts as damaged.
    return undefined;
  }
}
