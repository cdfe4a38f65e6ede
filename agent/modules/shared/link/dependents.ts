import type { Host } from '../../../linux/host.ts';
import type { Action } from '../../module.ts';
import { placed, readRows } from '../place.ts';
import { number, type Row, text } from '../rows.ts';
import { info } from './attribute.ts';
import { knownKind, type LinkKind, readExtra } from './kind.ts';
import { placeOf } from './lower.ts';
import { peerBack, remakeLink, whyLost } from './remake.ts';
import { readRow, stateOf } from './seen.ts';
import { kindOf } from './state.ts';
import type { LinkParams, LinkState } from './types.ts';

type Place = Pick<LinkParams, 'name' | 'netns'>;

/** A link that the kernel removes together with another one: its peer, or one that stands on it. */
export interface Dependent {
  readonly role: 'peer' | 'upper';
  readonly params: LinkParams;
  readonly link: LinkState;
  readonly extra: unknown;
}

/**
 * What goes with a link, each after what it goes with: its peer, and the links that stand on either, wherever they are.
 * None when the link itself can't be made again.
 */
export async function readDependents(place: Place, host: Host, link: LinkState): Promise<readonly Dependent[]> {
  if (whyLost(link) !== undefined) return [];
  const other = knownKind(link.kind)?.relation?.role === 'peer' ? placeOf(link.lower) : undefined;
  const row = other && (await readRow(other, host));
  const peer = other && row ? [await dependent('peer', other, host, row), ...(await uppersOf(other, host, row))] : [];
  return [...peer, ...(await uppersOf(place, host, link.row))];
}

async function uppersOf(lower: Place, host: Host, lowerRow: Row): Promise<readonly Dependent[]> {
  const others = [undefined, ...(await host.netnsNames())].filter((netns) => netns !== lower.netns);
  const found = await Promise.all([
    uppersHere(lower, host),
    ...others.map((netns) => uppersIn(netns, lower, host, number(lowerRow, 'ifindex'))),
  ]);
  const uppers = found.flat().map(async (upper) => {
    return [upper, ...(await uppersOf(upper.params, host, upper.link.row))];
  });
  return (await Promise.all(uppers)).flat();
}

/** In the namespace of what they stand on. */
async function uppersHere({ name, netns }: Place, host: Host): Promise<readonly Dependent[]> {
  const rows = (await readRows(host, netns, ['link', 'show'])).filter((row) => standsOn(row, name));
  return Promise.all(rows.map((row) => dependent('upper', { name: text(row, 'ifname') ?? '', netns }, host, row)));
}

/** In another namespace, where the kernel tells the index of what they stand on, or hides it. */
async function uppersIn(
  netns: string | undefined,
  lower: Place,
  host: Host,
  index: number | undefined,
): Promise<readonly Dependent[]> {
  const rows = (await readRows(host, netns, ['link', 'show'])).filter((row) => {
    const kind = knownKind(kindOf(row));
    if (kind === undefined || !vanishesWithParent(kind) || number(row, 'link_netnsid') === undefined) return false;
    return kind.relation?.shownInside === true || number(row, 'link_index') === index;
  });
  const candidates = rows.map((row) => dependent('upper', { name: text(row, 'ifname') ?? '', netns }, host, row));
  const wanted = placed(lower.netns, lower.name);
  return (await Promise.all(candidates)).filter(({ link }) => link.lower === wanted);
}

async function dependent(role: Dependent['role'], place: Place, host: Host, row: Row): Promise<Dependent> {
  const params: LinkParams = { ...place, state: 'absent' };
  const link = await stateOf(params, host, row, undefined);
  return { role, params, link, extra: await readExtra(params, host, link, true) };
}

/** Tunnels that are bound to a link (`dev`) outlive it; a vxlan does not, and shows it inside. */
function vanishesWithParent({ relation }: LinkKind): boolean {
  return relation?.role === 'parent' && (relation.as !== 'dev' || relation.shownInside === true);
}

function standsOn(row: Row, name: string): boolean {
  const kind = knownKind(kindOf(row));
  if (kind === undefined || !vanishesWithParent(kind) || number(row, 'link_netnsid') !== undefined) return false;
  return text(kind.relation?.shownInside ? info(row) : row, 'link') === name;
}

/** Brings them back, once the link that they went with is there again. */
export function dependentsBack(dependents: readonly Dependent[]): readonly Action[] {
  return dependents.flatMap(({ role, params, link, extra }) => {
    const again = role === 'peer' ? peerBack(params, link) : remakeLink(params, link);
    if (again.length === 0) return [];
    return [...again.map(ifMissing), ...(knownKind(link.kind)?.extra?.remake(params, extra) ?? [])];
  });
}

/** The lab may have made one of this name since, which its own inverse takes away. */
function ifMissing(action: Action): Action {
  return action.op === 'ip' && action.args[1] === 'add' ? { ...action, ifMissing: true } : action;
}
