import type { Action } from '../../module.ts';
import type { Attributes, Values } from './attribute.ts';
import { givenAtCreation } from './common.ts';
import type { LinkKind } from './kind.ts';
import { commonOf, wantedLower } from './params.ts';
import type { LinkParams, LinkPlace } from './types.ts';

/** What `ip link add` must know. */
export interface LinkMaking {
  readonly name: string;
  readonly netns: string | undefined;
  readonly lower: LinkPlace | undefined;
  /** Namespace that carries a tunnel's packets. */
  readonly underlay: string | undefined;
  readonly values: Values;
}

/** The words of all attributes that have a value, in the order of the table. */
function wordsOf(attributes: Attributes, values: Values, ofPeer = false): string[] {
  return Object.entries(attributes).flatMap(([name, attribute]) => {
    const value = values[name];
    return value === undefined || (attribute.ofPeer ?? false) !== ofPeer ? [] : attribute.words(value);
  });
}

/**
 * Makes the link in its namespace in one request, so that its name never shows in another one. The request runs where
 * the parent is, because a name is looked up there; from the host's own namespace `link-netns` points at the parent.
 */
export function makeLink(kind: LinkKind, link: LinkMaking): Action {
  const { name, netns, lower, values } = link;
  if (kind.making !== undefined)
    return { op: 'ip', netns, args: [...kind.making(name), ...wordsOf(kind.attributes, values)] };
  const role = kind.relation?.role;
  const parent = role === 'parent' ? lower : undefined;
  const peer = role === 'peer' ? lower : undefined;
  const early = Object.entries(commonOf(kind)).filter(([key]) => givenAtCreation(kind).includes(key));
  const asDev = kind.relation?.as === 'dev';
  const on = parent === undefined ? [] : [asDev ? 'dev' : 'link', parent.name];
  const attributes = [
    ...['link', 'add', ...(asDev ? [] : on), 'name', name],
    ...wordsOf(Object.fromEntries(early), values),
  ];
  const type = ['type', kind.name, ...wordsOf(kind.attributes, values), ...(asDev ? on : [])];
  if (peer !== undefined) {
    const here = peer.netns === netns;
    const elsewhere = here ? [] : netnsWords('netns', netns);
    const theirs = wordsOf(kind.attributes, values, true);
    const other = ['peer', ...theirs, 'name', peer.name, ...(here ? [] : netnsWords('netns', peer.netns))];
    return { op: 'ip', netns: here ? netns : undefined, args: [...attributes, ...elsewhere, ...type, ...other] };
  }
  const home = kind.underlay === undefined || kind.underlay === 'own' ? (parent ?? link).netns : link.underlay;
  if (home === netns) return { op: 'ip', netns, args: [...attributes, ...type] };
  const elsewhere = netns === undefined ? netnsWords('link-netns', home) : netnsWords('netns', netns);
  return { op: 'ip', netns: netns === undefined ? undefined : home, args: [...attributes, ...elsewhere, ...type] };
}

export function netnsWords(key: string, netns: string | undefined): string[] {
  return netns === undefined ? [] : [key, netns];
}

/** `ip link add` for what a task asks for. */
export function makeWanted(kind: LinkKind, params: LinkParams): Action {
  const { name, netns, underlay_netns } = params;
  return makeLink(kind, { name, netns, lower: wantedLower(params, kind), underlay: underlay_netns, values: params });
}

export function setLink(netns: string | undefined, name: string, ...args: readonly string[]): Action {
  return { op: 'ip', netns, args: ['link', 'set', 'dev', name, ...args] };
}

export function deleteLink(netns: string | undefined, name: string): Action {
  return { op: 'ip', netns, args: ['link', 'delete', 'dev', name] };
}
