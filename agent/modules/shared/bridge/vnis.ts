import * as z from 'zod';
import type { Host } from '../../../linux/host.ts';
import type { Action, Step } from '../../module.ts';
import { ipAddress } from '../fields.ts';
import { formatIp, parseIp } from '../ip-address.ts';
import type { Values } from '../link/attribute.ts';
import type { LinkExtra } from '../link/kind.ts';
import type { CommonParams, LinkState } from '../link/types.ts';
import { placed } from '../place.ts';
import { releaseNeeds } from '../release-needs.ts';
import { number, rows, text } from '../rows.ts';
import { bridgeRows } from './query.ts';

const highest = 0xffffff;
/** Each is compared by itself. */
const most = 65_536;
const range = z.string().regex(/^\d{1,8}-\d{1,8}$/, 'a range is two numbers: 200-209');

const entry = z.strictObject({
  id: z.union([z.int().min(0).max(highest), range]).describe('VNI, or a range of them.'),
  remote: ipAddress.optional().describe('Where packets go that the fdb knows no place for.'),
  multicast_group: ipAddress.optional().describe('The group that they go to instead; needs parent.'),
});
type Entry = z.infer<typeof entry>;

const vnisField = z.array(entry).max(4096).describe('The VNIs that it takes, all of them; needs vnifilter.');

/** What each VNI of a link has, in the words of bridge(8): '', 'remote 10.0.0.9' or 'group 239.1.1.1'. */
export type Vnis = ReadonlyMap<number, string>;

interface Span {
  readonly first: number;
  readonly last: number;
  readonly words: string;
}

function boundsOf(id: number | string): readonly [number, number] {
  const [first = 0, last = first] = String(id).split('-').map(Number);
  return [first, last];
}

function numbers(first: number, last: number): number[] {
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, at) => first + at);
}

/** What a list cannot say. `grouped`: multicast groups can be joined. */
export function vniProblems(entries: readonly Entry[], grouped: boolean): readonly string[] {
  const seen: (readonly [number, number])[] = [];
  const found = entries.flatMap((one): string[] => {
    const [first, last] = boundsOf(one.id);
    const problems = [
      ...(last < first || last > highest ? [`a range goes up, to ${highest} at most`] : []),
      ...(seen.some(([from, to]) => first <= to && from <= last) ? [`${one.id}: a VNI is said twice`] : []),
      ...(one.remote !== undefined && one.multicast_group !== undefined ? [`${one.id}: say remote or a group`] : []),
      ...(one.multicast_group !== undefined && !grouped ? [`${one.id}: a multicast_group needs parent`] : []),
    ];
    seen.push([first, last]);
    return problems;
  });
  const count = seen.reduce((sum, [first, last]) => sum + last - first + 1, 0);
  return count > most ? [...found, `${most} VNIs at most`] : found;
}

function wordsOf({ remote, multicast_group: group }: Entry): string {
  const address = parseIp(remote ?? group ?? '');
  return address === undefined ? '' : `${remote === undefined ? 'group' : 'remote'} ${formatIp(address)}`;
}

function wantedVnis(entries: readonly Entry[]): Vnis {
  return new Map(entries.flatMap((one) => numbers(...boundsOf(one.id)).map((id) => [id, wordsOf(one)] as const)));
}

async function readVnis(host: Host, netns: string | undefined, dev: string): Promise<Vnis> {
  const found = (await bridgeRows(host, netns, ['vni', 'show', 'dev', dev])) ?? [];
  const shown = found.filter((row) => text(row, 'ifname') === dev).flatMap((row) => rows(row, 'vnis'));
  return new Map(
    shown.flatMap((row) => {
      const first = number(row, 'vni') ?? 0;
      const words = (['remote', 'group'] as const).flatMap((key) => (text(row, key) ? `${key} ${text(row, key)}` : []));
      return numbers(first, number(row, 'vniEnd') ?? first).map((id) => [id, words.join(' ')] as const);
    }),
  );
}

/** Neighbours of a kind, one for each command. */
function spans(vnis: Vnis): readonly Span[] {
  const found: Span[] = [];
  for (const [id, words] of [...vnis].sort(([a], [b]) => a - b)) {
    const before = found.at(-1);
    if (before?.last === id - 1 && before.words === words) found[found.length - 1] = { ...before, last: id };
    else found.push({ first: id, last: id, words });
  }
  return found;
}

function spanText({ first, last }: Span): string {
  return first === last ? String(first) : `${first}-${last}`;
}

/** What of the one is not so in the other. */
function without(vnis: Vnis, others: Vnis): Vnis {
  return new Map([...vnis].filter(([id, words]) => others.get(id) !== words));
}

/**
 * A VNI that goes elsewhere is taken away first: the kernel would keep the entry of the fdb that it made for the place before
 * (vxlan_vni_update_group() in drivers/net/vxlan/vxlan_vnifilter.c).
 */
function steps({ name, netns }: CommonParams, wanted: Vnis, present: Vnis): Step[] {
  // Not `del`, which iproute2 6.1 does not know, though its help names it.
  const command = (verb: 'add' | 'delete', span: Span): Action => {
    const more = verb === 'delete' || span.words === '' ? [] : span.words.split(' ');
    return { op: 'bridge', netns, args: ['vni', verb, 'dev', name, 'vni', spanText(span), ...more] };
  };
  const step = (verb: 'add' | 'delete', back: 'add' | 'delete') => (span: Span) => ({
    object: `link ${placed(netns, name)}`,
    part: `vni ${spanText(span)}`,
    action: command(verb, span),
    undo: [command(back, span)],
  });
  return [
    ...spans(without(present, wanted)).map(step('delete', 'add')),
    ...spans(without(wanted, present)).map(step('add', 'delete')),
  ];
}

/** For diffs: {100: 'fdb', '200-205': 'remote 10.0.0.9'}. */
function view(vnis: Vnis): Readonly<Record<string, string>> {
  return Object.fromEntries(spans(vnis).map((span) => [spanText(span), span.words === '' ? 'fdb' : span.words]));
}

const none: Vnis = new Map();

/** The VNIs of a vxlan with vnifilter. */
export const vniExtra: LinkExtra<Vnis> = {
  fields: { vnis: vnisField.optional() },
  needs: ({ vnis }: CommonParams & Values) => (vnis === undefined ? [] : releaseNeeds('vnis', '5.18', '5.19')),
  read: async ({ name, netns }, host, link: LinkState | undefined) =>
    link?.values.vnifilter === true ? readVnis(host, netns, name) : none,
  plan(params, present) {
    if (params.vnis === undefined) return { steps: [], before: {}, after: {} };
    const wanted = wantedVnis(params.vnis as readonly Entry[]);
    return {
      steps: steps(params, wanted, present),
      before: { vnis: view(present) },
      after: { vnis: view(wanted) },
    };
  },
  remake: (params, present) => steps(params, present, none).map(({ action }) => action),
};
