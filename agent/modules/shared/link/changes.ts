import type { Step } from '../../module.ts';
import { placed } from '../place.ts';
import { setLink } from './actions.ts';
import { type Attributes, changeOf, isAsWanted, type Values } from './attribute.ts';
import { commonAttributes, exactCommonAttributes } from './common.ts';
import type { LinkKind } from './kind.ts';
import { placeOf } from './lower.ts';
import { commonOf, wantedLower } from './params.ts';
import type { LinkParams, LinkPlace, LinkState } from './types.ts';

/** One attribute, or what else has a name of its own, and the commands of ip that lead there and back. */
interface Edit {
  readonly part: string;
  readonly there: readonly string[];
  readonly back: readonly string[];
  readonly down: boolean;
  /** Where the commands run, when not where the link is. */
  readonly at?: LinkPlace | undefined;
}

/** Names of attributes that are asked for and differ. */
export function differing(attributes: Attributes, wanted: Values, present: Values): string[] {
  return Object.entries(attributes)
    .filter(([name, attribute]) => !isAsWanted(attribute, wanted[name], present[name]))
    .map(([name]) => name);
}

/** Why the present link cannot become the wanted one in place, or undefined when it can. */
export function needsReplacing(kind: LinkKind, params: LinkParams, link: LinkState): string | undefined {
  if (link.kind !== kind.name) return `is of type ${link.kind ?? 'physical'}, not ${kind.name}`;
  const wanted = wantedLower(params, kind);
  if (wanted !== undefined && link.lower !== placed(wanted.netns, wanted.name)) {
    return `has ${link.lower ?? 'nothing'} as ${kind.relation?.role}, not ${placed(wanted.netns, wanted.name)}`;
  }
  if (kind.underlay === 'shown' && link.underlay !== params.underlay_netns) {
    const where = (netns: string | undefined) => (netns === undefined ? "the host's own namespace" : `netns ${netns}`);
    return `has its packets carried by ${where(link.underlay)}, not ${where(params.underlay_netns)}`;
  }
  const attributes = { ...kind.attributes, ...commonOf(kind, params) };
  const below = wanted ?? (link.lower === undefined ? undefined : (placeOf(link.lower) ?? { netns: null }));
  const name = differing(attributes, params, link.values).find((attribute) => {
    const entry = attributes[attribute];
    if (entry === undefined) return false;
    if (entry.withParent && below !== undefined && below.netns !== params.netns) return true;
    return changeOf(entry, params[attribute], link.values[attribute]) === 'replace';
  });
  return name && `has ${name} ${shownValue(link.values[name])}, not ${shownValue(params[name])}`;
}

function shownValue(value: unknown): string {
  if (value === undefined) return 'unset';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

interface EditPlace {
  readonly name: string;
  /** Before the attributes' words: `type bridge_slave`. */
  readonly prefix: readonly string[];
  /** What stands before the prefix, on the way there and back: `mtu 1400`. */
  readonly first?: { readonly there: readonly string[]; readonly back: readonly string[] } | undefined;
  /** Attributes that go into one request. */
  readonly together?: LinkKind['together'] | undefined;
  /** The parent, as ip wants it beside attributes that need it. */
  readonly parent?: readonly string[] | undefined;
  /** The name is that of the other end of a pair, whose peer the link is. */
  readonly byPeer?: boolean;
}

/** What `ip link set dev NAME PREFIX...` changes of a table of attributes. */
export function attributeEdits(attributes: Attributes, place: EditPlace, wanted: Values, present: Values): Edit[] {
  const groups = new Map<string, readonly string[]>();
  for (const name of differing(attributes, wanted, present)) {
    const group = place.together?.find((names) => names.includes(name)) ?? [name];
    if (![...groups.values()].includes(group)) groups.set(name, group);
  }
  return [...groups].flatMap(([name, group]) => groupEdits(attributes, place, name, group, wanted, present));
}

/** One request for a group of attributes, named after the first one that differs. */
function groupEdits(
  attributes: Attributes,
  place: EditPlace,
  part: string,
  group: readonly string[],
  wanted: Values,
  present: Values,
): Edit[] {
  const members = group.flatMap((name) => {
    const attribute = attributes[name];
    // What nobody asks for and the host does not show, it may not have.
    if (attribute === undefined || (wanted[name] === undefined && present[name] === undefined)) return [];
    const from = present[name] ?? attribute.unset;
    return [{ attribute, from, to: wanted[name] ?? from }];
  });
  const down = members.some(({ attribute, to, from }) => changeOf(attribute, to, from) === 'link down');
  const own = attributes[part]?.edits?.(place.name, wanted[part], present[part], present);
  if (own !== undefined) return own.map((edit) => ({ ...edit, down }));
  const ofPeer = attributes[part]?.ofPeer ?? false;
  const prefix = ofPeer === (place.byPeer ?? false) ? place.prefix : [...place.prefix, 'peer'];
  const parent = members.some(({ attribute }) => attribute.withParent) ? (place.parent ?? []) : [];
  const set = (first: readonly string[] | undefined, words: readonly string[]) => [
    ...['link', 'set', 'dev', place.name],
    ...(first ?? []),
    ...prefix,
    ...words,
    ...parent,
  ];
  const words = (which: 'to' | 'from') =>
    members.flatMap((member) => (member[which] === undefined ? [] : member.attribute.words(member[which])));
  const back = words('from');
  const { there, back: home } = place.first ?? {};
  return [{ part, there: set(there, words('to')), back: back.length === 0 ? [] : set(home, back), down }];
}

/** What changes a kind's own attributes, if need be in two requests. */
function kindEdits(kind: LinkKind, place: EditPlace, wanted: Values, present: Values): Edit[] {
  const via = kind.via?.(wanted, present);
  const direct = (from: Values) => attributeEdits(kind.attributes, place, wanted, from);
  if (via === undefined) return direct(present);
  return [...attributeEdits(kind.attributes, place, via, present), ...direct({ ...present, ...via })];
}

/** Steps that bring an existing link to its wanted attributes and state. */
export function changeSteps(kind: LinkKind | undefined, params: LinkParams, link: LinkState): Step[] {
  const { name, netns } = params;
  const object = `link ${placed(netns, name)}`;
  const [up, down] = [setLink(netns, name, 'up'), setLink(netns, name, 'down')];
  const wantsUp = params.state === 'up' || (params.state === 'present' && link.up);
  const mtuWords = (mtu: unknown) => (mtu === undefined ? [] : ['mtu', String(mtu)]);
  const first = kind?.ownMtu ? { there: mtuWords(params.mtu), back: mtuWords(link.values.mtu) } : undefined;
  const below = params.parent ?? (kind?.relation?.role === 'parent' ? placeOf(link.lower)?.name : undefined);
  const parent = below === undefined ? [] : ['dev', below];
  // The end of a pair that takes them is its own peer's peer.
  const led = kind?.leads?.(link.row) === false ? placeOf(link.lower) : undefined;
  const own = {
    ...{ name: led?.name ?? name, prefix: ['type', kind?.name ?? ''], first, together: kind?.together, parent },
    byPeer: led !== undefined,
  };
  const plain = params.exact ? exactCommonAttributes : commonAttributes;
  const common = kind === undefined ? plain : commonOf(kind, params);
  const edits = [
    ...(kind === undefined ? [] : kindEdits(kind, own, params, link.values)).map((edit) => ({ ...edit, at: led })),
    ...attributeEdits(common, { name, prefix: [] }, params, link.values).map((edit) =>
      edit.part === 'master' && link.bonding === true ? { ...edit, down: true } : edit,
    ),
  ];
  const needsDown = link.up && edits.some((edit) => edit.down);
  const steps = edits.map(({ part, there, back, down: whileDown, at = { netns } }): Step => {
    const ip = (args: readonly string[]) => ({ op: 'ip', netns: at.netns, args }) as const;
    const undo = back.length === 0 ? [] : [ip(back)];
    const wrapped = whileDown && wantsUp && link.up ? [down, ...undo, up] : undo;
    return { object, part, action: ip(there), undo: wrapped };
  });
  const isUp = link.up && !needsDown;
  // Down for a change alone: what has set it up before has still to be taken back, and last.
  const part = needsDown && wantsUp ? 'state meanwhile' : 'state';
  if (needsDown) steps.unshift({ object, part, action: down, undo: [up] });
  if (wantsUp && !isUp) steps.push({ object, part, action: up, undo: [down] });
  if (link.unseen && params.state === 'down') steps.push({ object, part: 'state', action: down, undo: [] });
  if (!wantsUp && isUp) steps.push({ object, part: 'state', action: down, undo: [up] });
  return steps;
}

/** Steps on a link that was just made vanish with it; those on other objects don't. */
export function onFresh(steps: readonly Step[], link: string): Step[] {
  return steps.map((step) => (step.object === link ? { object: link, action: step.action, undo: [] } : step));
}
