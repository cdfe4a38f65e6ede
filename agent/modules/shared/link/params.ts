import * as z from 'zod';
import { inNetns, linkName, netnsName } from '../fields.ts';
import type { Attribute, Attributes } from './attribute.ts';
import { commonAttributes, exactCommonAttributes } from './common.ts';
import type { LinkKind } from './kind.ts';
import type { CommonParams, LinkParams, LinkPlace } from './types.ts';

/** The link below or beside that the task names. */
export function wantedLower(params: CommonParams, kind?: LinkKind): LinkPlace | undefined {
  const { parent, peer, parent_netns, peer_netns, underlay_netns } = params;
  if (parent !== undefined && kind?.underlay === 'own') return { name: parent, netns: params.netns };
  if (parent !== undefined) return { name: parent, netns: parent_netns ?? underlay_netns };
  return peer === undefined ? undefined : { name: peer, netns: peer_netns };
}

export const baseFields = {
  name: linkName.describe('Name of the link.'),
  netns: inNetns,
  state: z
    .enum(['present', 'absent', 'up', 'down'])
    .default('present')
    .describe('up and down include present; present leaves the administrative state as it is.'),
  exact: z
    .boolean()
    .optional()
    .describe(
      'Set back what the task leaves open to what a new link has, where that is known: alias, altnames, master, flags and most of a kind.',
    ),
};

export function attributeFields(attributes: Attributes): Record<string, z.ZodType> {
  return Object.fromEntries(Object.entries(attributes).map(([name, { field }]) => [name, optional(field)]));
}

/** Zod keeps descriptions with the schema they were given to, not with its optional form. */
function optional(field: z.ZodType): z.ZodType {
  return field.optional().describe(field.description ?? '');
}

function relationFields({ relation, underlay }: LinkKind): Record<string, z.ZodType> {
  const carried = underlay === undefined || underlay === 'own' ? {} : underlayField;
  if (relation === undefined) return carried;
  if (relation.role === 'peer') {
    return {
      peer: linkName.optional().describe('Name of the other end, which is made with it.'),
      peer_netns: netnsName.optional().describe("Namespace of the other end; default: the host's own."),
    };
  }
  const parent = { parent: linkName.optional().describe('The link it stands on.') };
  if (underlay !== undefined) return { ...parent, ...carried };
  return {
    ...parent,
    parent_netns: netnsName.optional().describe("Namespace of the parent; default: the host's own."),
  };
}

const underlayField = {
  underlay_netns: netnsName.optional().describe("Namespace that carries its packets; default: the host's own."),
};

const tables = { plain: new WeakMap<LinkKind, Attributes>(), exact: new WeakMap<LinkKind, Attributes>() };

/** Common attributes that a kind has, changed in its way: the same table whenever it is asked for. */
export function commonOf(kind: LinkKind, { exact }: { readonly exact?: boolean | undefined } = {}): Attributes {
  const made = exact ? tables.exact : tables.plain;
  const known = made.get(kind) ?? commonAnew(kind, exact ? exactCommonAttributes : commonAttributes);
  made.set(kind, known);
  return known;
}

function commonAnew(kind: LinkKind, common: Attributes): Attributes {
  const all: [string, Attribute<unknown>][] = Object.entries(common);
  const left = all.filter(([name]) => kind.without?.[name] === undefined);
  return Object.fromEntries(
    left.map(([name, attribute]) => [name, { ...attribute, change: kind.changes?.[name] ?? attribute.change }]),
  );
}

/** The schema of a kind's module. */
export function kindParams(kind: LinkKind): z.ZodType<LinkParams> {
  const fields = z.strictObject({
    ...baseFields,
    ...relationFields(kind),
    ...attributeFields(kind.attributes),
    ...kind.extra?.fields,
    ...attributeFields(commonAttributes),
  });
  return fields.superRefine((input, context) => {
    const params = input as unknown as LinkParams;
    for (const [field, message] of contradictions(kind, params)) {
      context.addIssue({ code: 'custom', path: [field], message });
    }
  }) as unknown as z.ZodType<LinkParams>;
}

function contradictions(kind: LinkKind, params: LinkParams): readonly (readonly [string, string])[] {
  const unfit = Object.entries(kind.without ?? {}).filter(([name]) => params[name] !== undefined);
  return [...unfit, ...relationProblems(kind, params), ...(kind.check?.(params) ?? [])];
}

function relationProblems(kind: LinkKind, params: LinkParams): [string, string][] {
  const found: [string, string][] = [];
  const { relation } = kind;
  if (relation === undefined) return found;
  const { role } = relation;
  const other = params[role];
  const netns = wantedLower(params, kind)?.netns;
  if (relation.need === 'required' && other === undefined && params.state !== 'absent') {
    found.push([role, `${kind.name} needs a ${role}`]);
  }
  if (params[`${role}_netns`] !== undefined && other === undefined) found.push([`${role}_netns`, `needs ${role}`]);
  if (other === params.name && netns === params.netns) found.push([role, 'is the link itself']);
  return found;
}
