import { type Attributes, isAsWanted, type Values } from './attribute.ts';
import { exactCommonAttributes, ownByNature } from './common.ts';
import { knownKind } from './kind.ts';
import { commonOf } from './params.ts';
import type { LinkParams, LinkState } from './types.ts';

/**
 * The task with `exact` as if it said of all that it leaves open what a new link has. What no table knows (mtu, length of the
 * queue, a kind's mode) stays as it is, and so does what is the link's by nature.
 */
export function wholeParams(params: LinkParams, link: LinkState): LinkParams {
  if (params.exact !== true) return params;
  const kind = knownKind(link.kind);
  const common = kind === undefined ? exactCommonAttributes : commonOf(kind, params);
  const unsaid = (attributes: Attributes, fresh: Values = {}) =>
    Object.entries(attributes).flatMap(([name, attribute]) => {
      const [unset, present] = [fresh[name] ?? attribute.unset, link.values[name]];
      if (params[name] !== undefined || unset === undefined || present === undefined) return [];
      return isAsWanted(attribute, unset, present) ? [] : [[name, unset] as const];
    });
  const open = Object.entries(common).filter(([name]) => !ownByNature.has(name));
  const defaults = [...unsaid(kind?.attributes ?? {}), ...unsaid(Object.fromEntries(open), kind?.fresh)];
  return { ...params, ...Object.fromEntries(defaults) };
}
