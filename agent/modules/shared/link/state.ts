import { placed } from '../place.ts';
import { object, type Row, text, texts } from '../rows.ts';
import type { Attributes, Values } from './attribute.ts';
import { commonAttributes, givenAtCreation } from './common.ts';
import { knownKind, type LinkKind } from './kind.ts';
import { wantedLower } from './params.ts';
import type { LinkParams, LinkState } from './types.ts';

export function isUp(row: Row): boolean {
  return texts(row, 'flags').includes('UP');
}

export function kindOf(row: Row): string | undefined {
  return text(object(row, 'linkinfo'), 'info_kind');
}

/** The state that a row of `ip -d link show` tells. */
export function linkState(row: Row, near: Pick<LinkState, 'lower' | 'underlay'>): LinkState {
  const kind = kindOf(row);
  const values = { ...shown(knownKind(kind)?.attributes ?? {}, row), ...shown(commonAttributes, row) };
  return { kind, up: isUp(row), ...near, values, row };
}

/** A link as `ip link add` leaves it: what was not given there is not known. */
export function freshState(kind: LinkKind, params: LinkParams, unseen?: boolean): LinkState {
  const given = [...Object.keys(kind.attributes), ...givenAtCreation(kind)];
  const values = Object.fromEntries(given.map((name) => [name, params[name]]));
  const wanted = wantedLower(params, kind);
  const lower = wanted && placed(wanted.netns, wanted.name);
  return { kind: kind.name, up: false, lower, underlay: params.underlay_netns, values, row: {}, unseen };
}

function shown(attributes: Attributes, row: Row): Values {
  return Object.fromEntries(Object.entries(attributes).map(([name, attribute]) => [name, attribute.shows(row)]));
}

/** A link that check mode has promised. */
export const unseenLink: LinkState = {
  unseen: true,
  kind: undefined,
  up: false,
  lower: undefined,
  underlay: undefined,
  values: {},
  row: {},
};
