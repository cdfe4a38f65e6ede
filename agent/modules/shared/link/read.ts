import type { Host } from '../../../linux/host.ts';
import { requireLink, requireNetns } from '../place.ts';
import { object, type Row, text } from '../rows.ts';
import { needsReplacing } from './changes.ts';
import { type Dependent, readDependents } from './dependents.ts';
import { wholeParams } from './exact.ts';
import { withGenMode } from './gen-mode.ts';
import { knownKind, type LinkKind, readExtra } from './kind.ts';
import { lowerHere, readLower } from './lower.ts';
import { type ToldMaster, toldMasters } from './masters.ts';
import { type Found, findSource, isMove, refuseOther } from './move.ts';
import { readRow, stateOf } from './seen.ts';
import { isUp, kindOf, linkState } from './state.ts';
import type { LinkParams, LinkState } from './types.ts';

export interface Current {
  /** Where the link is before it is renamed or moved; undefined: it has its name and place. */
  readonly source?: Found | undefined;
  readonly link: LinkState | undefined;
  /** In check mode a task before would make it. */
  readonly promised?: boolean;
  /** False when the parent is there and down. */
  readonly parentUp: boolean;
  /** What the kind reads by itself, of this link and of one that was just made. */
  readonly extra: unknown;
  readonly freshExtra: unknown;
  /** What goes with the link, where it is to be removed or replaced. */
  readonly dependents: readonly Dependent[];
  /** What it is, or will be, a port of. */
  readonly masters: readonly ToldMaster[];
}

/** All that is needed to make a link again. */
async function whole(params: LinkParams, host: Host, link: LinkState): Promise<LinkState> {
  if (knownKind(link.kind) === undefined) return link;
  const row = await withGenMode(host, link.row, params.netns);
  return row === link.row ? link : linkState(row, link);
}

/** A link that goes away, if it is there. Its own kind's extras are read, so that they can be brought back. */
export async function readAbsent(params: LinkParams, host: Host): Promise<Current> {
  const row = await readRow(params, host);
  const link = row && (await stateOf(params, host, row, undefined));
  const extra = link && (await readExtra(params, host, link, true));
  const dependents = link === undefined ? [] : await readDependents(params, host, link);
  const masters = toldMasters(params, [link, ...dependents.map((each) => each.link)], host);
  return { link, parentUp: true, extra, freshExtra: undefined, dependents, masters };
}

/** The namespaces that a new link takes beside its own. */
async function requireOthers({ peer, peer_netns, underlay_netns }: LinkParams, host: Host): Promise<void> {
  for (const name of [peer && peer_netns, underlay_netns]) await requireNetns(host, name);
}

/** A link of a kind, and all that it builds on. */
export async function readPresent(kind: LinkKind, params: LinkParams, host: Host): Promise<Current> {
  const row = await readRow(params, host);
  if (row === undefined) {
    await requireNetns(host, params.netns);
    await requireOthers(params, host);
  }
  const lower = await readLower(host, kind, params, row !== undefined);
  const parentUp = params.parent === undefined || lower === undefined || isUp(lower);
  const seen = row && (await stateOf(params, host, row, lower));
  const replaced = seen !== undefined && needsReplacing(kind, wholeParams(params, seen), seen) !== undefined;
  if (replaced) await requireOthers(params, host);
  const link = replaced ? await whole(params, host, seen) : seen;
  const master = await requireMaster(params, host, link);
  const extra = link && (await readExtra(params, host, link, replaced));
  return {
    link: link && withMaster(link, master),
    promised: row === undefined && host.promised({ kind: 'link', netns: params.netns, name: params.name }),
    parentUp,
    extra,
    freshExtra: await kind.extra?.read(params, host, undefined),
    dependents: replaced ? await readDependents(params, host, seen) : [],
    masters: toldMasters(params, [link], host),
  };
}

/** What it stands on stays as it is: in another namespace it is not looked for, which may take all links of that one. */
async function ownState(params: LinkParams, host: Host, row: Row): Promise<LinkState> {
  const shown =
    params.addrgenmode === undefined && params.exact !== true ? row : await withGenMode(host, row, params.netns);
  return linkState(shown, { lower: lowerHere(shown, params), underlay: undefined });
}

/** A link that must be there, or promised. */
export async function readExisting(params: LinkParams, host: Host): Promise<Current> {
  const row = await readRow(params, host);
  if (row !== undefined) refuseOther(params, row);
  // In check mode a task before may have moved one there that it would have made.
  const isThere = row !== undefined || host.promised({ kind: 'link', netns: params.netns, name: params.name });
  const source = !isThere && isMove(params) ? await findSource(params, host) : undefined;
  if (row === undefined && source === undefined) await requireLink(host, params.netns, params.name);
  const present = row ?? source?.row;
  const link = present && (await ownState({ ...params, netns: (source?.place ?? params).netns }, host, present));
  const master = await requireMaster(params, host, link);
  const none = { extra: undefined, freshExtra: undefined, dependents: [], masters: toldMasters(params, [link], host) };
  return { link: link && withMaster(link, master), parentUp: true, ...none, source };
}

/** The row of a master that the link isn't a port of yet. */
async function requireMaster(params: LinkParams, host: Host, link: LinkState | undefined): Promise<Row | undefined> {
  const { master } = params;
  if (typeof master !== 'string' || master === '' || link?.values.master === master) return undefined;
  return requireLink(host, params.netns, master);
}

function withMaster(link: LinkState, master: Row | undefined): LinkState {
  const leaves = text(object(link.row, 'linkinfo'), 'info_slave_kind') === 'bond';
  const joins = master !== undefined && kindOf(master) === 'bond';
  return joins || leaves ? { ...link, bonding: true } : link;
}
