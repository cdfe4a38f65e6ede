import { type Attributes, isAsWanted, type Values } from './attribute.ts';
import { commonAttributes, exactCommonAttributes } from './common.ts';
import { knownKind, type LinkKind } from './kind.ts';
import { keptValues } from './remake.ts';
import type { LinkParams, LinkState } from './types.ts';

/** What the diff shows of a link: what it is, and what the task asks for. */
function frame(link: LinkState): Values {
  const kind = knownKind(link.kind);
  const lower = link.lower === undefined ? {} : { [kind?.relation?.role ?? 'parent']: link.lower };
  const underlay = link.underlay === undefined ? {} : { underlay_netns: link.underlay };
  // One that check mode has promised has no row: what it is, is not known.
  const type = link.kind ?? (link.row.ifname === undefined ? undefined : 'physical');
  return { state: link.up ? 'up' : 'down', ...(type === undefined ? {} : { type }), ...lower, ...underlay };
}

function asked(attributes: Attributes, params: LinkParams): string[] {
  return Object.keys(attributes).filter((name) => params[name] !== undefined);
}

function tables(kind: LinkKind | undefined, { exact }: LinkParams): Attributes {
  return { ...kind?.attributes, ...(exact ? exactCommonAttributes : commonAttributes) };
}

export const absentView: Values = { state: 'absent' };

/** A link that is set up, in the words of the task. */
export function presentView(kind: LinkKind | undefined, params: LinkParams, link: LinkState): Values {
  const values = asked(tables(kind, params), params).map((name) => [name, link.values[name]] as const);
  return { ...frame(link), ...Object.fromEntries(values) };
}

/** The same link as the task wants it; what is right already is shown as it is. */
export function wantedView(kind: LinkKind | undefined, params: LinkParams, link: LinkState): Values {
  const attributes = tables(kind, params);
  const values = asked(attributes, params).map((name) => {
    const [attribute, wanted, present] = [attributes[name], params[name], link.values[name]];
    if (attribute === undefined || isAsWanted(attribute, wanted, present)) return [name, present] as const;
    return [name, present === undefined ? wanted : (attribute.becomes?.(wanted, present) ?? wanted)] as const;
  });
  const up = params.state === 'present' ? link.up : params.state === 'up';
  return { ...frame({ ...link, up }), ...Object.fromEntries(values) };
}

/** A link that is taken away, with all that it was given. */
export function removedView(link: LinkState): Values {
  return { ...frame(link), ...keptValues(knownKind(link.kind), link.values, commonAttributes) };
}
