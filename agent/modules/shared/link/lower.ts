import { OrchError } from '../../../../proto/errors.ts';
import type { Host } from '../../../linux/host.ts';
import { placed, readRows, requireLink } from '../place.ts';
import { number, type Row, text } from '../rows.ts';
import { info } from './attribute.ts';
import { knownKind, type LinkKind } from './kind.ts';
import { wantedLower } from './params.ts';
import { kindOf } from './state.ts';
import type { LinkParams, LinkPlace } from './types.ts';
import { underlayOf } from './underlay.ts';

/** The parent or peer of a row, where it is in the same namespace. */
export function lowerHere(row: Row, { netns }: LinkParams): string | undefined {
  const here = text(row, 'link');
  return here === undefined ? undefined : placed(netns, here);
}

/**
 * Names the parent or peer of a row. In the same namespace ip prints `link`; elsewhere only its index, which is compared
 * with the wanted one's, and else looked up.
 */
export async function lowerOf(
  host: Pick<Host, 'ip'>,
  row: Row,
  params: LinkParams,
  wantedRow: Row | undefined,
): Promise<string | undefined> {
  const here = lowerHere(row, params);
  if (here !== undefined) return here;
  if (knownKind(kindOf(row))?.relation?.shownInside) {
    const inside = text(info(row), 'link');
    return inside === undefined ? undefined : insideLower(host, row, params, inside);
  }
  const index = number(row, 'link_index');
  if (index === undefined || index === 0) return undefined;
  const wanted = wantedLower(params);
  if (wanted !== undefined && wanted.netns !== params.netns && wantedRow && number(wantedRow, 'ifindex') === index) {
    return placed(wanted.netns, wanted.name);
  }
  const found = await lookElsewhere(host, params.netns, number(row, 'link_netnsid'), index);
  return found ?? `link ${index} of another netns`;
}

/** ip names the index of the underlay's link after the link of this namespace that has it by chance, else "if7". */
async function insideLower(
  host: Pick<Host, 'ip'>,
  row: Row,
  params: LinkParams,
  shown: string,
): Promise<string | undefined> {
  const id = number(row, 'link_netnsid');
  if (id === undefined) return placed(params.netns, shown);
  const [chance] = /^if\d+$/.test(shown) ? [] : await readRows(host, params.netns, ['link', 'show', 'dev', shown]);
  const index = chance === undefined ? Number(shown.slice(2)) : number(chance, 'ifindex');
  const underlay = await underlayOf(host, row, params.netns);
  const links = await readRows(host, underlay, ['link', 'show']);
  const name = links.find((candidate) => number(candidate, 'ifindex') === index);
  return name === undefined ? `link ${index} of another netns` : placed(underlay, text(name, 'ifname') ?? '');
}

/** Finds a link of another namespace by that one's id, as this namespace knows it, and the link's index there. */
async function lookElsewhere(
  host: Pick<Host, 'ip'>,
  netns: string | undefined,
  id: number | undefined,
  index: number,
): Promise<string | undefined> {
  const known = await readRows(host, netns, ['netns', 'list-id']);
  const entry = known.find((candidate) => number(candidate, 'nsid') === id);
  // Without a name it is the host's own, or one that nobody named.
  const other = entry && text(entry, 'name');
  if (entry === undefined || other === netns) return undefined;
  const links = await readRows(host, other, ['link', 'show']);
  const row = links.find((candidate) => number(candidate, 'ifindex') === index);
  const name = row && text(row, 'ifname');
  return name === undefined ? undefined : placed(other, name);
}

/** The row of the parent or peer. A parent must exist; a peer is made with the link. */
export async function readLower(
  host: Host,
  kind: LinkKind,
  params: LinkParams,
  exists: boolean,
): Promise<Row | undefined> {
  if (params.parent !== undefined) {
    const row = await requireLink(host, wantedLower(params, kind)?.netns, params.parent);
    if (row !== undefined) refuseStacking(kind, params, row);
    return row;
  }
  if (params.peer === undefined || !exists || params.peer_netns === params.netns) return undefined;
  return (await readRows(host, params.peer_netns, ['link', 'show', 'dev', params.peer]))[0];
}

/** drivers/net/macvlan.c and ipvlan put a link on another of their kind on that one's own parent, without a word. */
function refuseStacking(kind: LinkKind, params: LinkParams, parent: Row): void {
  if (kind.relation?.stacks === true || kindOf(parent) !== kind.name) return;
  const lower = text(parent, 'link') ?? `link ${number(parent, 'link_index')} of another netns`;
  throw new OrchError({
    code: 'task-failed',
    summary: `The parent ${params.parent} is of type ${kind.name} itself: the kernel would put ${params.name} on ${lower}.`,
    hint: `Name ${lower} as the parent.`,
  });
}

/** Splits what lowerOf says; undefined for a link that it could not name. */
export function placeOf(lower: string | undefined): LinkPlace | undefined {
  if (lower === undefined || lower.includes(' ')) return undefined;
  const slash = lower.lastIndexOf('/');
  return slash < 0 ? { name: lower, netns: undefined } : { name: lower.slice(slash + 1), netns: lower.slice(0, slash) };
}

/** True when a link of this kind can't be made again, because its parent or peer is not known. */
export function isLowerLost(kind: LinkKind, lower: string | undefined): boolean {
  if (lower !== undefined) return placeOf(lower) === undefined;
  return kind.relation?.need === 'required';
}
