import * as z from 'zod';
import type { Host } from '../../../linux/host.ts';
import type { Row } from '../rows.ts';
import { number, rows, text, texts } from '../rows.ts';
import { bridgeRows } from './query.ts';

const vid = z.int().min(1).max(4094);
const range = z.string().regex(/^[1-9]\d{0,3}-[1-9]\d{0,3}$/, 'a range is two numbers: 20-29');

const entry = z.strictObject({
  id: z.union([vid, range]).describe('Number of the VLAN, or a range.'),
  pvid: z.boolean().optional().describe('Packets that come without a tag belong to it.'),
  untagged: z.boolean().optional().describe('Its packets leave without a tag.'),
});
type Entry = z.infer<typeof entry>;

/** The parameter `vlans`. */
export const vlansField = z
  .array(entry)
  .max(4094)
  .superRefine((entries, context) => {
    const seen = new Set<number>();
    entries.forEach((one, index) => {
      const ids = idsOf(one);
      const problem = entryProblem(one, ids, seen, entries);
      if (problem !== undefined) context.addIssue({ code: 'custom', path: [index, 'id'], message: problem });
      for (const id of ids) seen.add(id);
    });
  });

function entryProblem(
  one: Entry,
  ids: readonly number[],
  seen: ReadonlySet<number>,
  entries: readonly Entry[],
): string | undefined {
  if (ids.length === 0) return 'a range goes up, to 4094 at most';
  const twice = ids.find((id) => seen.has(id));
  if (twice !== undefined) return `VLAN ${twice} is said twice`;
  if (one.pvid !== true) return undefined;
  if (ids.length > 1) return 'a range can not be the pvid';
  return entries.find((other) => other.pvid === true) === one ? undefined : 'a port has one pvid';
}

function idsOf({ id }: Entry): number[] {
  const [first = 0, last = first] = typeof id === 'number' ? [id] : id.split('-').map(Number);
  return last > 4094 ? [] : Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => first + index);
}

/** What each VLAN of a port is there, in the words of bridge(8): '', 'pvid', 'untagged' or 'pvid untagged'. */
export type Vlans = ReadonlyMap<number, string>;

export function wantedVlans(entries: readonly Entry[]): Vlans {
  const flags = ({ pvid, untagged }: Entry) => [pvid ? 'pvid' : [], untagged ? 'untagged' : []].flat().join(' ');
  return new Map(entries.flatMap((one) => idsOf(one).map((id) => [id, flags(one)] as const)));
}

/** The VLANs of a bridge itself or of one of its ports, none when it is not there. */
export async function readVlans(host: Host, netns: string | undefined, dev: string): Promise<Vlans> {
  const found = (await bridgeRows(host, netns, ['vlan', 'show', 'dev', dev])) ?? [];
  return new Map(found.filter((row) => text(row, 'ifname') === dev).flatMap(vlansOf));
}

/** The VLANs of one row of `bridge -j vlan show`. */
export function vlansOf(row: Row): (readonly [number, string])[] {
  return rows(row, 'vlans').flatMap((vlan) => {
    const first = number(vlan, 'vlan');
    if (first === undefined) return [];
    const shown = texts(vlan, 'flags');
    const flags = [shown.includes('PVID') ? 'pvid' : [], shown.includes('Egress Untagged') ? 'untagged' : []];
    const last = number(vlan, 'vlanEnd') ?? first;
    return idsOf({ id: `${first}-${last}` }).map((id) => [id, flags.flat().join(' ')] as const);
  });
}
