import type { Step } from '../module.ts';
import { cidrText, networkOf } from './ip-address.ts';
import { placed } from './place.ts';
import { flag, number, type Row, text } from './rows.ts';

/** One address of a link, as `ip -d address show` lists it. */
export interface AddressRow {
  readonly family: 4 | 6;
  readonly address: string;
  readonly prefix: number;
  readonly peer: string | undefined;
  readonly scope: string | undefined;
  readonly label: string | undefined;
  readonly nodad: boolean | undefined;
  /** IPv4: not the first address of its network on this link. */
  readonly secondary: boolean;
}

interface Place {
  readonly dev: string;
  readonly netns?: string | undefined;
}

export function addressRow(row: Row, dev: string): AddressRow {
  const family = text(row, 'family') === 'inet6' ? 6 : 4;
  return {
    family,
    address: text(row, 'local') ?? '',
    prefix: number(row, 'prefixlen') ?? 0,
    // "address" is the other end; ip leaves it out where it equals "local".
    peer: text(row, 'address'),
    scope: text(row, 'scope'),
    label: family === 4 ? (text(row, 'label') ?? dev) : undefined,
    nodad: flag(row, 'nodad') ? true : undefined,
    secondary: flag(row, 'secondary'),
  };
}

/** "10.0.0.1/24", or "10.0.0.1 peer 10.0.0.2/32". */
export function addressText(row: AddressRow): string {
  const extra = row.scope === undefined || row.scope === 'global' ? '' : ` scope ${row.scope}`;
  return `${row.peer === undefined ? cidrText(row) : `${row.address} peer ${row.peer}/${row.prefix}`}${extra}`;
}

function keyArgs(place: Place, row: AddressRow): string[] {
  const local = row.peer === undefined ? [cidrText(row)] : [row.address, 'peer', `${row.peer}/${row.prefix}`];
  return [...local, 'dev', place.dev];
}

function addArgs(place: Place, row: AddressRow): string[] {
  const scope = row.scope === undefined ? [] : ['scope', row.scope];
  const label = row.label === undefined || row.label === place.dev ? [] : ['label', row.label];
  return [...keyArgs(place, row), ...scope, ...label, ...(row.nodad ? ['nodad'] : [])];
}

function object(place: Place, row: AddressRow): string {
  return `address ${cidrText(row)} on ${placed(place.netns, place.dev)}`;
}

/** Adds an address. `again`: one that was there before and goes with another; it may or may not be there still. */
export function addStep(place: Place, row: AddressRow, again = false): Step {
  const { netns } = place;
  const action = { op: 'ip', netns, args: ['address', again ? 'replace' : 'add', ...addArgs(place, row)] } as const;
  const undo = again ? [] : ([{ op: 'ip', netns, args: ['address', 'delete', ...keyArgs(place, row)] }] as const);
  return { object: object(place, row), action, undo };
}

export function deleteStep(place: Place, row: AddressRow): Step {
  const { netns } = place;
  return {
    object: object(place, row),
    action: { op: 'ip', netns, args: ['address', 'delete', ...keyArgs(place, row)] },
    undo: [{ op: 'ip', netns, args: ['address', 'add', ...addArgs(place, row)] }],
  };
}

/** The kernel removes an IPv4 network's secondary addresses with the first one, unless promote_secondaries is set. */
export function lostWith(row: AddressRow, all: readonly AddressRow[]): readonly AddressRow[] {
  if (row.family === 6 || row.secondary || row.peer !== undefined) return [];
  const network = cidrText(networkOf(row));
  return all.filter((other) => other.family === 4 && other.secondary && cidrText(networkOf(other)) === network);
}
