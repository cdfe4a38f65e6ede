import type { Action } from '../../module.ts';
import { makeLink, setLink } from './actions.ts';
import { type Attributes, isAsWanted, type Values } from './attribute.ts';
import { attributeEdits } from './changes.ts';
import { givenAtCreation } from './common.ts';
import { freshOf, knownKind, type LinkKind } from './kind.ts';
import { isLowerLost, placeOf } from './lower.ts';
import { commonOf } from './params.ts';
import type { LinkParams, LinkState } from './types.ts';

/** The values that a new link would not have by itself. */
function notUnset(attributes: Attributes, values: Values, fresh: Values): Values {
  const own = Object.entries(attributes).filter(([name, attribute]) => {
    const value = values[name];
    const unset = fresh[name] ?? attribute.unset;
    return value !== undefined && (unset === undefined || !isAsWanted(attribute, value, unset));
  });
  return Object.fromEntries(own.map(([name]) => [name, values[name]]));
}

/** What a link must be given to be as it is, once it is made again. */
export function keptValues(kind: LinkKind | undefined, values: Values, common: Attributes): Values {
  const fresh = freshOf(kind, values);
  return { ...notUnset(kind?.attributes ?? {}, values, fresh), ...notUnset(common, values, fresh) };
}

/** Why a link can't be made again once it is removed; undefined when it can. */
export function whyLost(link: LinkState): string | undefined {
  const kind = knownKind(link.kind);
  if (kind === undefined) return `how to make a ${link.kind} link is not known`;
  return isLowerLost(kind, link.lower) ? `its ${kind.relation?.role} is in a netns without name` : undefined;
}

/** Makes a removed link again, with all that its kind's table and the common one know; nothing when that can't be done. */
export function remakeLink(params: LinkParams, link: LinkState): readonly Action[] {
  const { name, netns } = params;
  const kind = knownKind(link.kind);
  if (kind === undefined || whyLost(link) !== undefined) return [];
  const common = commonOf(kind);
  const values = keptValues(kind, link.values, common);
  const late = Object.entries(common).filter(([key]) => !givenAtCreation(kind).includes(key));
  return [
    makeLink(kind, { name, netns, lower: placeOf(link.lower), underlay: link.underlay, values }),
    ...setAgain(params, link, Object.fromEntries(late), values),
  ];
}

/** Sets the other end of a pair as it was: it came with the first one. */
export function peerBack(params: LinkParams, link: LinkState): readonly Action[] {
  const kind = knownKind(link.kind);
  if (kind === undefined) return [];
  const common = commonOf(kind);
  return setAgain(params, link, common, keptValues(kind, link.values, common));
}

/** Attributes of a link that was just made, then its state. */
function setAgain({ name, netns }: LinkParams, link: LinkState, attributes: Attributes, values: Values): Action[] {
  const edits = attributeEdits(attributes, { name, prefix: [] }, values, {});
  return [
    ...edits.map(({ there }): Action => ({ op: 'ip', netns, args: there })),
    ...(link.up ? [setLink(netns, name, 'up')] : []),
  ];
}
