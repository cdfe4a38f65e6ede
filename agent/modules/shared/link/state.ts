import { OrchError } from '../../../../proto/errors.ts';
import type { Host } from '../../../linux/host.ts';
import { placed, readRows, requireLink } from '../place.ts';
import { flag, number, object, type Row, text, texts } from '../rows.ts';
import type { LinkParams } from './params.ts';

/** A link as it is. Other links are named as "netns/name", or by name alone in the host's own namespace. */
export interface LinkState {
  /** Undefined: a physical link, or another that the kernel gives no kind. */
  readonly type: string | undefined;
  readonly up: boolean;
  readonly mtu: number | undefined;
  readonly address: string | undefined;
  readonly master: string;
  readonly alias: string;
  readonly mode: string | undefined;
  readonly flag: string | undefined;
  /** The parent of a stacked link, the peer of a veth. */
  readonly lower: string | undefined;
}

/** Keys that ip/iplink_ipvlan.c prints, each as true. */
const ipvlanFlags = ['bridge', 'private', 'vepa'];

export function isUp(row: Row): boolean {
  return texts(row, 'flags').includes('UP');
}

/** The link below or beside that the task names. */
export function wantedLower(params: LinkParams): { name: string; netns: string | undefined } | undefined {
  if (params.parent !== undefined) return { name: params.parent, netns: params.parent_netns };
  if (params.peer !== undefined) return { name: params.peer, netns: params.peer_netns };
  return undefined;
}

/**
 * Names the parent or peer of a row. In the same namespace ip prints `link`; elsewhere only its index, which is compared
 * with the wanted one's, and else looked up.
 */
async function lowerOf(
  host: Host,
  row: Row,
  params: LinkParams,
  wantedRow: Row | undefined,
): Promise<string | undefined> {
  const here = text(row, 'link');
  if (here !== undefined) return placed(params.netns, here);
  const index = number(row, 'link_index');
  if (index === undefined) return undefined;
  const wanted = wantedLower(params);
  if (wanted !== undefined && wanted.netns !== params.netns && wantedRow && number(wantedRow, 'ifindex') === index) {
    return placed(wanted.netns, wanted.name);
  }
  const found = await lookElsewhere(host, params.netns, number(row, 'link_netnsid'), index);
  return found ?? `link ${index} of another netns`;
}

/** Finds a link of another namespace by that one's id, as this namespace knows it, and the link's index there. */
async function lookElsewhere(
  host: Host,
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

/** The state of a row of `ip -d link show`; `wantedRow` is the row of the parent or peer that the task names. */
export async function linkState(
  host: Host,
  row: Row,
  params: LinkParams,
  wantedRow: Row | undefined,
): Promise<LinkState> {
  const info = object(row, 'linkinfo');
  const data = object(info, 'info_data');
  return {
    type: text(info, 'info_kind'),
    up: isUp(row),
    mtu: number(row, 'mtu'),
    address: text(row, 'address'),
    master: text(row, 'master') ?? '',
    alias: text(row, 'ifalias') ?? '',
    mode: text(data, 'mode'),
    flag: ipvlanFlags.find((name) => flag(data, name)),
    lower: await lowerOf(host, row, params, wantedRow),
  };
}

/** The row of the parent or peer. A parent must exist; a peer is made with the link. */
export async function readLower(host: Host, params: LinkParams, exists: boolean): Promise<Row | undefined> {
  if (params.parent !== undefined) {
    const row = await requireLink(host, params.parent_netns, params.parent);
    if (row !== undefined) refuseStacking(params, row);
    return row;
  }
  if (params.peer === undefined || !exists || params.peer_netns === params.netns) return undefined;
  return (await readRows(host, params.peer_netns, ['link', 'show', 'dev', params.peer]))[0];
}

/** drivers/net/macvlan.c and ipvlan put a link on another of their kind on that one's own parent, without a word. */
function refuseStacking(params: LinkParams, parent: Row): void {
  if (text(object(parent, 'linkinfo'), 'info_kind') !== params.type) return;
  const lower = text(parent, 'link') ?? `link ${number(parent, 'link_index')} of another netns`;
  throw new OrchError({
    code: 'task-failed',
    summary: `The parent ${params.parent} is of type ${params.type} itself: the kernel would put ${params.name} on ${lower}.`,
    hint: `Name ${lower} as the parent.`,
  });
}
