import type { Action, Step } from '../../module.ts';
import { cidrText, networkOf } from '../ip-address.ts';
import { placed } from '../place.ts';
import { option } from '../route/family.ts';
import { type AddressRow, changesInPlace, inPlaceOf, sameKey, satisfies } from './address.ts';
import { lifetimeWords } from './lifetime.ts';

interface Place {
  readonly dev: string;
  readonly netns?: string | undefined;
}

/** How one wanted address comes to be. */
export interface AddressPlan {
  /** The address of this key that is there. */
  readonly present: AddressRow | undefined;
  /** The wanted address, with what the task leaves open as it is. */
  readonly wanted: AddressRow;
  readonly steps: readonly Step[];
  /** True when it is taken off and put on again. */
  readonly anew: boolean;
}

function keyWords({ dev }: Place, row: AddressRow): string[] {
  const local = row.peer === undefined ? [cidrText(row)] : [row.address, 'peer', `${row.peer}/${row.prefix}`];
  return [...local, 'dev', dev];
}

function allWords(place: Place, row: AddressRow): string[] {
  const flags = ['noprefixroute', 'nodad', 'home', 'mngtmpaddr', 'autojoin'] as const;
  return [
    ...keyWords(place, row),
    ...(row.family === 4 ? option('scope', row.scope) : []),
    ...(row.label === place.dev ? [] : option('label', row.label)),
    ...option('broadcast', row.broadcast),
    ...option('metric', row.metric),
    ...option('proto', row.protocol),
    ...flags.filter((key) => row[key]),
    ...lifetimeWords('valid_lft', row.valid),
    ...lifetimeWords('preferred_lft', row.preferred),
  ];
}

function action(verb: 'add' | 'replace', place: Place, row: AddressRow): Action {
  return { op: 'ip', netns: place.netns, args: ['address', verb, ...allWords(place, row)] };
}

/** Puts an address back that may or may not be there still. */
export function restoreAddress(place: Place, row: AddressRow): Action {
  return action('replace', place, row);
}

export function addAddress(place: Place, row: AddressRow): Action {
  return action('add', place, row);
}

function deletion(place: Place, row: AddressRow): Action {
  return { op: 'ip', netns: place.netns, args: ['address', 'delete', ...keyWords(place, row)] };
}

export function addressObject(place: Place, row: AddressRow): string {
  return `address ${cidrText(row)} on ${placed(place.netns, place.dev)}`;
}

function addStep(place: Place, row: AddressRow): Step {
  return { object: addressObject(place, row), action: addAddress(place, row), undo: [deletion(place, row)] };
}

function deleteStep(place: Place, row: AddressRow, all: readonly AddressRow[]): Step {
  const lost = lostWith(row, all);
  // Those that go with it come after it again, so that they are the secondary ones.
  const undo = [
    ...lost.map((other) => deletion(place, other)),
    addAddress(place, row),
    ...lost.map((other) => addAddress(place, other)),
  ];
  return { object: addressObject(place, row), action: deletion(place, row), undo };
}

/** Puts back what goes with another address; it may or may not be there still. */
function againSteps(place: Place, row: AddressRow, all: readonly AddressRow[]): Step[] {
  return lostWith(row, all).map((lost) => ({
    object: addressObject(place, lost),
    action: restoreAddress(place, lost),
    undo: [],
  }));
}

/** The kernel removes an IPv4 network's secondary addresses with the first one, unless promote_secondaries is set. */
function lostWith(row: AddressRow, all: readonly AddressRow[]): readonly AddressRow[] {
  if (row.family === 6 || row.secondary || row.peer !== undefined) return [];
  const network = cidrText(networkOf(row));
  return all.filter((other) => other.family === 4 && other.secondary && cidrText(networkOf(other)) === network);
}

/** Adds the address, or changes the one of its key, in place where the kernel can. */
export function makeAddress(place: Place, wanted: AddressRow, all: readonly AddressRow[]): AddressPlan {
  const present = all.find((row) => sameKey(row, wanted));
  if (present === undefined) return { present, wanted, steps: [addStep(place, wanted)], anew: false };
  if (satisfies(present, wanted)) return { present, wanted: present, steps: [], anew: false };
  const next = inPlaceOf(wanted, present);
  if (changesInPlace(present, next)) {
    const step: Step = {
      object: addressObject(place, wanted),
      action: action('replace', place, next),
      undo: [action('replace', place, present)],
    };
    return { present, wanted: next, steps: [step], anew: false };
  }
  const steps = [deleteStep(place, present, all), addStep(place, next), ...againSteps(place, present, all)];
  return { present, wanted: next, steps, anew: true };
}

export function removeAddress(place: Place, row: AddressRow, all: readonly AddressRow[]): Step[] {
  return [{ ...deleteStep(place, row, all), removes: true }, ...againSteps(place, row, all)];
}
