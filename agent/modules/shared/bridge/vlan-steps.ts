import type { Action, Step } from '../../module.ts';
import type { Vlans } from './vlans.ts';

export interface VlanPlace {
  readonly netns: string | undefined;
  readonly dev: string;
  /** The bridge itself, not a port. */
  readonly self: boolean;
}

interface Span {
  readonly first: number;
  readonly last: number;
  /** Flags that it has, and shall have; undefined: the VLAN is not there. */
  readonly from: string | undefined;
  readonly to: string | undefined;
}

/** What differs, neighbours in one command each. The pvid can only be said of one VLAN. */
function spans(wanted: Vlans, present: Vlans): Span[] {
  const ids = [...new Set([...wanted.keys(), ...present.keys()])].sort((left, right) => left - right);
  const found: Span[] = [];
  for (const id of ids) {
    const [from, to] = [present.get(id), wanted.get(id)];
    if (from === to) continue;
    const before = found.at(-1);
    const alone = `${from} ${to}`.includes('pvid');
    if (before && !alone && before.last === id - 1 && before.from === from && before.to === to) {
      found[found.length - 1] = { ...before, last: id };
    } else found.push({ first: id, last: id, from, to });
  }
  return found;
}

function command({ netns, dev, self }: VlanPlace, { first, last }: Span, flags: string | undefined): Action {
  const vid = first === last ? String(first) : `${first}-${last}`;
  const words = flags === undefined || flags === '' ? [] : flags.split(' ');
  const verb = flags === undefined ? 'del' : 'add';
  return { op: 'bridge', netns, args: ['vlan', verb, 'dev', dev, 'vid', vid, ...words, ...(self ? ['self'] : [])] };
}

/** Steps that give a port just these VLANs. Removals come first, and the pvid last, which takes it from another one. */
export function vlanSteps(object: string, place: VlanPlace, wanted: Vlans, present: Vlans): Step[] {
  const rank = ({ to }: Span) => (to === undefined ? 0 : to.includes('pvid') ? 2 : 1);
  return spans(wanted, present)
    .sort((left, right) => rank(left) - rank(right))
    .map((span) => ({
      object,
      part: `vlan ${span.first === span.last ? span.first : `${span.first}-${span.last}`}`,
      action: command(place, span, span.to),
      undo: [command(place, span, span.from)],
    }));
}

/** Commands that give a port, which has the VLANs of a new one, just these. */
export function restoreVlans(place: VlanPlace, vlans: Vlans, fresh: Vlans): Action[] {
  return vlanSteps('', place, vlans, fresh).map(({ action }) => action);
}

/** For diffs: {1: 'pvid untagged', '20-25': 'tagged'}. */
export function vlansView(vlans: Vlans): Readonly<Record<string, string>> {
  const named = spans(vlans, new Map()).map(({ first, last, to }) => [
    first === last ? String(first) : `${first}-${last}`,
    to === '' || to === undefined ? 'tagged' : to,
  ]);
  return Object.fromEntries(named) as Readonly<Record<string, string>>;
}
