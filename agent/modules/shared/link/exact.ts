import { type Attributes, isAsWanted } from './attribute.ts';
import { exactCommonAttributes, ownByNature } from './common.ts';
import { freshOf, knownKind } from './kind.ts';
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
  const fresh = freshOf(kind, link.values);
  const unsaid = (attributes: Attributes) =>
    Object.entries(attributes).flatMap(([name, attribute]) => {
      const [unset, present] = [fresh[name] ?? attribute.unset, link.values[name]];
      if (params[name] !== undefined || unset === undefined || present === undefined) return [];
      return isAsWanted(attribute, unset, present) ? [] : [[name, unset] as const];
    });
  const open = Object.entries(common).filter(([name]) => !ownByNature.has(name));
  return { ...params, ...Object.fromEntries([...unsaid(kind?.attributes ?? {}), ...unsaid(Object.fromEntries(open))]) };
}
