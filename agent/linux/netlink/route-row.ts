import { attributesOf, numberOf } from './messages.ts';
import { addressText, isZero, scopes, whole } from './words.ts';

const types = new Map([
  [1, 'unicast'],
  [6, 'blackhole'],
  [8, 'prohibit'],
  [9, 'throw'],
]);
const protocols = new Map([
  [2, 'kernel'],
  [3, 'boot'],
  [4, 'static'],
]);
const families = new Map([
  [2, 4],
  [10, 6],
] as const);
/** RTNH_F_* and RTM_F_* that ip names, in its order (print_rt_flags in ip/iproute.c). */
const flagNames: readonly (readonly [number, string])[] = [
  [0x1, 'dead'],
  [0x4, 'onlink'],
  [0x10, 'linkdown'],
];
const knownFlags = flagNames.reduce((known, [flag]) => known | flag, 0);
const cloned = 0x200;

const [dst, oif, gateway, priority, prefsrc, cacheinfo, table, pref] = [1, 4, 5, 6, 7, 12, 15, 20] as const;
const understood: ReadonlySet<number> = new Set([dst, oif, gateway, priority, prefsrc, cacheinfo, table, pref]);
const mainTable = 254;
/** Tables with larger numbers are in RTA_TABLE; the header has this then (RT_TABLE_COMPAT). */
const tableElsewhere = 252;

/** What a route of the table main leads to, and where it stands. */
export interface NetlinkRoute {
  readonly family: 4 | 6;
  /** As ip shows it: "default", an address, or one with the length of its prefix. */
  readonly dst: string;
  readonly row: Readonly<Record<string, unknown>>;
}

/** Whether the body of an RTM_NEWROUTE message may be about the family's table main; most are about the host's own addresses. */
export function mayBeMain(body: Buffer, family: 4 | 6): boolean {
  const table = body[4];
  return families.get(body[0] as 2 | 10) === family && (table === mainTable || table === tableElsewhere);
}

/**
 * Body of an RTM_NEWROUTE message as a row of `ip -j -d route show table main`; `links`: names by index. 'elsewhere': of
 * another table or family, or nothing that ip lists. Undefined unless all of it is understood: several ways, next hop objects,
 * encapsulation, metrics and what has an end are ip's to tell.
 */
export function routeOf(body: Buffer, links: ReadonlyMap<number, string>): NetlinkRoute | 'elsewhere' | undefined {
  const attributes = attributesOf(body, 12);
  if (attributes === undefined) return undefined;
  const [familyNumber = 0, length = 0, sourceLength = 0, tos = 0, short = 0, by = 0, scopeNumber = 0, kind = 0] = body;
  const flags = body.readUInt32LE(8);
  const family = families.get(familyNumber as 2 | 10);
  const number = (type: number) => numberOf(attributes.get(type) ?? Buffer.alloc(0));
  if (family === undefined || (number(table) ?? short) !== mainTable || (flags & cloned) !== 0) return 'elsewhere';
  for (const type of attributes.keys()) if (!understood.has(type)) return undefined;
  const [type, protocol, scope] = [types.get(kind), protocols.get(by), scopes.get(scopeNumber)];
  if (type === undefined || protocol === undefined || scope === undefined || sourceLength > 0 || tos > 0)
    return undefined;
  if ((flags & ~knownFlags) !== 0 || !isZero(attributes.get(cacheinfo)) || !isZero(attributes.get(pref)))
    return undefined;
  const to = destination(attributes.get(dst), length, family);
  const [index, metric] = [number(oif), number(priority)];
  const dev = index === undefined ? undefined : links.get(index);
  if (to === undefined || (index !== undefined && dev === undefined)) return undefined;
  const [via, from] = [attributes.get(gateway), attributes.get(prefsrc)];
  const row = whole({
    ...{ type, dst: to, protocol, scope },
    ...(via && { gateway: addressText(via) }),
    ...(dev !== undefined && { dev }),
    ...(from && { prefsrc: addressText(from) }),
    ...(metric !== undefined && { metric }),
    flags: flagNames.filter(([flag]) => (flags & flag) !== 0).map(([, word]) => word),
    ...(family === 6 && { pref: 'medium' }),
  });
  return row && { family, dst: to, row };
}

/** A whole address is shown without its length (format_host_rta_r in ip/iproute.c). */
function destination(value: Buffer | undefined, length: number, family: 4 | 6): string | undefined {
  if (value === undefined) return length === 0 ? 'default' : undefined;
  const text = addressText(value);
  if (text === undefined || length === 0) return undefined;
  return length === (family === 4 ? 32 : 128) ? text : `${text}/${length}`;
}
