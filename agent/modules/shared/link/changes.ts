import type { Action, Step } from '../../module.ts';
import { placed } from '../place.ts';
import { makingOf, setKind, setLink } from './actions.ts';
import type { LinkParams } from './params.ts';
import { type LinkState, wantedLower } from './state.ts';

/** Why the present link cannot become the wanted one in place, or undefined when it can. */
export function needsReplacing(params: LinkParams, current: LinkState): string | undefined {
  const { type } = params;
  if (type === undefined) return undefined;
  if (current.type !== type) return `is of type ${current.type ?? 'physical'}, not ${type}`;
  const wanted = wantedLower(params);
  if (wanted !== undefined && current.lower !== placed(wanted.netns, wanted.name)) {
    const word = type === 'veth' ? 'peer' : 'parent';
    return `has ${current.lower ?? 'nothing'} as ${word}, not ${placed(wanted.netns, wanted.name)}`;
  }
  const passthru = params.mode !== undefined && params.mode !== current.mode;
  // drivers/net/macvlan.c refuses to enter or leave passthru (EINVAL).
  if (passthru && [params.mode, current.mode].includes('passthru'))
    return `is in mode ${current.mode}, not ${params.mode}`;
  return undefined;
}

function kindDiffers(params: LinkParams, current: LinkState): boolean {
  const differs = (wanted: string | undefined, present: string | undefined) =>
    wanted !== undefined && wanted !== present;
  return differs(params.mode, current.mode) || differs(params.flag, current.flag);
}

function masterArgs(master: string): string[] {
  return master === '' ? ['nomaster'] : ['master', master];
}

/** One attribute, and the change there and back. */
interface Change {
  readonly part: string;
  readonly there: Action;
  readonly back: Action;
}

/** Each attribute that differs. */
function changes(params: LinkParams, current: LinkState): Change[] {
  const { name, netns, type } = params;
  const found: Change[] = [];
  const set = (part: string, there: string[], back: string[]) =>
    found.push({ part, there: setLink(netns, name, ...there), back: setLink(netns, name, ...back) });
  if (type !== undefined && kindDiffers(params, current)) {
    // ip sends both attributes of ipvlan always: a mode alone would reset the flag to bridge.
    const making = makingOf(params, type);
    const full = { ...making, mode: params.mode ?? current.mode, flag: params.flag ?? current.flag };
    const old = { ...making, mode: current.mode, flag: current.flag };
    found.push({ part: 'mode', there: setKind(full), back: setKind(old) });
  }
  if (params.mtu !== undefined && current.mtu !== params.mtu) {
    set('mtu', ['mtu', String(params.mtu)], ['mtu', String(current.mtu)]);
  }
  if (params.address !== undefined && current.address !== params.address.toLowerCase()) {
    set('address', ['address', params.address], ['address', String(current.address)]);
  }
  if (params.master !== undefined && current.master !== params.master) {
    set('master', masterArgs(params.master), masterArgs(current.master));
  }
  if (params.alias !== undefined && current.alias !== params.alias) {
    set('alias', ['alias', params.alias], ['alias', current.alias]);
  }
  const up = params.state === 'up' || (params.state === 'present' && current.up);
  if (params.state !== 'absent' && current.up !== up) set('state', [up ? 'up' : 'down'], [up ? 'down' : 'up']);
  return found;
}

/** A link as `ip link add` leaves it, so that what is left to do can be told. */
export function fresh(params: LinkParams): LinkState {
  const { mode, flag, mtu } = params;
  const address = params.address?.toLowerCase();
  return { type: params.type, up: false, mtu, address, master: '', alias: '', mode, flag, lower: undefined };
}

/** Steps that bring an existing link to its wanted attributes; a fresh one's removal takes them all along. */
export function changeSteps(params: LinkParams, current: LinkState, isFresh: boolean): Step[] {
  const object = `link ${placed(params.netns, params.name)}`;
  return changes(params, current).map(({ part, there, back }) =>
    isFresh ? { object, action: there, undo: [] } : { object, part, action: there, undo: [back] },
  );
}
