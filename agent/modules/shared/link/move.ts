import { OrchError } from '../../../../proto/errors.ts';
import { ownNetns } from '../../../linux/action.ts';
import type { Host } from '../../../linux/host.ts';
import { isOlder, kernelVersion } from '../../../linux/programs/lacks.ts';
import type { Action, Step } from '../../module.ts';
import { linkName, macAddress, netnsName } from '../fields.ts';
import { placed, placeText, readRows, requireLink, requireNetns } from '../place.ts';
import { type Row, text } from '../rows.ts';
import { setLink } from './actions.ts';
import { isUp, kindOf } from './state.ts';
import type { LinkParams, LinkPlace } from './types.ts';

/** Where a link comes from that is renamed, or moved into another namespace. */
export const moveFields = {
  from_name: linkName
    .optional()
    .describe('Name that it has before: it is renamed, and moved if it is in another netns.'),
  from_address: macAddress.optional().describe('MAC address to find it by, in the place of its name before.'),
  from_netns: netnsName.optional().describe("Namespace that it is in before; default: the host's own."),
};

interface MoveParams {
  readonly from_name?: string | undefined;
  readonly from_address?: string | undefined;
  readonly from_netns?: string | undefined;
}

export function isMove(params: LinkParams & MoveParams): boolean {
  return params.from_name !== undefined || params.from_address !== undefined;
}

export function moveProblems(params: LinkParams & MoveParams): [string, string][] {
  const { from_name, from_address, from_netns, state, name, netns } = params;
  const found: [string, string][] = [];
  if (from_netns !== undefined && !isMove(params)) found.push(['from_netns', 'needs from_name or from_address']);
  if (from_name !== undefined && from_address !== undefined) found.push(['from_address', 'not beside from_name']);
  if (isMove(params) && state === 'absent') found.push(['state', 'a link that is removed is not moved']);
  if (from_name === name && from_netns === netns) found.push(['from_name', 'is where the link already is']);
  return found;
}

/** What the kernel prints of a link's own MAC address, whatever it was given since. */
function permanentAddress(row: Row): string | undefined {
  return text(row, 'permaddr') ?? text(row, 'address');
}

export interface Found {
  readonly place: LinkPlace;
  readonly row: Row | undefined;
  /** It stays up, with all that leads over it, while it gets its name. */
  readonly live: boolean;
}

/** Since 6.2 the kernel renames links that are up (dev_change_name, net/core/dev.c). */
async function found(place: LinkPlace, row: Row | undefined, to: LinkParams, host: Host): Promise<Found> {
  if (place.netns !== to.netns || row === undefined || !isUp(row)) return { place, row, live: false };
  const version = kernelVersion((await host.sysctl('kernel/osrelease')) ?? '');
  return { place, row, live: version !== undefined && !isOlder(version, '6.2') };
}

/** The link where it is before. Its row is undefined when check mode has promised it. */
export async function findSource(params: LinkParams & MoveParams, host: Host): Promise<Found> {
  const { from_name, from_address, from_netns: netns } = params;
  await requireNetns(host, params.netns);
  if (from_name !== undefined) {
    return found({ name: from_name, netns }, await requireLink(host, netns, from_name), params, host);
  }
  await requireNetns(host, netns);
  const rows = await readRows(host, netns, ['link', 'show']);
  const alike = rows.filter((row) => permanentAddress(row) === from_address?.toLowerCase());
  // Links that stand on another one often have its address.
  const row = alike.find((each) => kindOf(each) === undefined) ?? alike[0];
  const name = row && text(row, 'ifname');
  if (name !== undefined) return found({ name, netns }, row, params, host);
  throw new OrchError({
    code: 'missing-object',
    summary: `There is no link with the MAC address ${from_address} ${placeText(netns)}.`,
    hint: `There are: ${rows.map((each) => `${text(each, 'ifname')} ${permanentAddress(each) ?? ''}`.trim()).join(', ')}.`,
  });
}

/** Refuses a link that has the wanted name and another address than the one that is looked for. */
export function refuseOther(params: LinkParams & MoveParams, row: Row): void {
  const { from_address } = params;
  if (from_address === undefined) return;
  const own = [text(row, 'address'), text(row, 'permaddr')];
  if (own.includes(from_address.toLowerCase())) return;
  throw new OrchError({
    code: 'task-failed',
    summary: `Another link is called ${placed(params.netns, params.name)}: its MAC address is ${permanentAddress(row)}, not ${from_address}.`,
    hint: 'Choose another name, or rename that link first.',
  });
}

type Place = Pick<LinkParams, 'name' | 'netns'>;

/** Gives a link another name, another namespace, or both. */
export function away(from: Place, to: Place): Action {
  const netns = from.netns === to.netns ? [] : ['netns', to.netns ?? ownNetns];
  const name = from.name === to.name ? [] : ['name', to.name];
  return setLink(from.netns, from.name, ...netns, ...name);
}

/**
 * Renames and moves in one request. A link that goes to another namespace is taken down by the kernel
 * (net/core/dev.c, __dev_change_net_namespace).
 */
export function moveSteps(params: LinkParams, { place, row, live }: Found): Step[] {
  const to: LinkPlace = { name: params.name, netns: params.netns };
  const object = `link ${placed(to.netns, to.name)}`;
  const goesDown = row !== undefined && isUp(row) && !live;
  const [up, down] = [setLink(place.netns, place.name, 'up'), setLink(place.netns, place.name, 'down')];
  const move: Step = { object, part: 'place', action: away(place, to), undo: [away(to, place)] };
  return goesDown ? [{ object, part: 'state before', action: down, undo: [up] }, move] : [move];
}
