import { addressRow, addressText } from '../../modules/shared/address/address.ts';
import { routeText } from '../../modules/shared/route/action.ts';
import { routeOf } from '../../modules/shared/route/route.ts';
import { number, type Row, text } from '../../modules/shared/rows.ts';
import type { Items, Section } from './state.ts';

const linkKey = (row: Row): string => text(row, 'ifname') ?? '';

const addressKey = (row: Row): string => {
  const dev = text(row, 'dev') ?? '';
  return `${addressText(addressRow(row, dev))} on ${dev}`;
};

export const familyOf = (row: Row): 4 | 6 => (row.family === 6 ? 6 : 4);

const routeKey = (row: Row): string => {
  const family = familyOf(row);
  const words = routeText(routeOf(row, family, text(row, 'table') ?? 'main'));
  return family === 6 && words.split(' ').includes('default') ? `IPv6 ${words}` : words;
};

/** All that a rule says: rules have no name but their whole text. */
const ruleKey = (row: Row): string => {
  const { family, priority, ...selectors } = row;
  const said = Object.entries(selectors).map(([key, value]) => (value === null ? key : `${key} ${plainText(value)}`));
  return `${family === 6 ? 'IPv6 ' : ''}${String(priority)}: ${said.join(' ')}`;
};

const neighbourKey = (row: Row): string =>
  `${row.proxy === true ? 'proxy ' : ''}${text(row, 'dst') ?? ''} on ${text(row, 'dev') ?? ''}`;

const nexthopKey = (row: Row): string => `id ${number(row, 'id') ?? ''}`;

const qdiscKey = (row: Row): string => {
  const parent = row.root === true ? 'root' : (text(row, 'parent') ?? 'ingress');
  return `${text(row, 'kind') ?? ''} at ${parent} of ${text(row, 'dev') ?? ''}`;
};

const fdbKey = (row: Row): string => {
  const where = ['vlan', 'dst'].flatMap((key) => (key in row ? [key, plainText(row[key])] : []));
  return [text(row, 'mac') ?? '', ...where, 'on', text(row, 'dev') ?? ''].join(' ');
};

const mdbKey = (row: Row): string => {
  const where = ['src', 'vid'].flatMap((key) => (key in row ? [key, plainText(row[key])] : []));
  return [text(row, 'grp') ?? '', ...where, 'on', text(row, 'dev') ?? ''].join(' ');
};

const devKey = (row: Row): string => text(row, 'dev') ?? '';

function plainText(value: unknown): string {
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

const names: Readonly<Partial<Record<Section, (row: Row) => string>>> = {
  links: linkKey,
  addresses: addressKey,
  nexthops: nexthopKey,
  rules: ruleKey,
  routes: routeKey,
  neighbours: neighbourKey,
  'bridge vlans': devKey,
  fdb: fdbKey,
  mdb: mdbKey,
  qdiscs: qdiscKey,
  'classes and filters': devKey,
  'nft tables': (row) => `${text(row, 'family') ?? ''} ${text(row, 'name') ?? ''}`,
};

/** Rows by name; a second one of the same name gets a number. */
export function keyed(section: Section, rows: readonly Row[]): Items {
  const items: Record<string, Row> = {};
  for (const row of rows) {
    const name = names[section]?.(row) ?? '';
    let free = name;
    for (let at = 2; Object.hasOwn(items, free); at++) free = `${name} #${at}`;
    items[free] = row;
  }
  return items;
}
