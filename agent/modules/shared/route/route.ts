import { type Cidr, cidrText, formatIp, networkOf, parseCidr, parseIp } from '../ip-address.ts';
import { protocolName } from '../protocols.ts';
import { number, object, type Row, rows, text } from '../rows.ts';
import { tableName } from '../tables.ts';
import { tosText } from '../tos.ts';
import { type Metrics, metricsOf, sameMetric, wantedMetrics } from './metrics.ts';
import type { RouteFields } from './params.ts';
import { leadsNowhere, tableOfType } from './types.ts';
import { sameWays, type Way, wantedWay, wayOf } from './way.ts';

/** A route in the kernel's terms; undefined in a wanted one: the kernel's choice. */
export interface Route {
  readonly family: 4 | 6;
  readonly type: string;
  /** "default" or a network with prefix. */
  readonly dst: string;
  readonly table: string;
  /** 0 for IPv4 and 1024 for IPv6 when nobody said one. */
  readonly metric: number;
  readonly tos: string | undefined;
  readonly from: string | undefined;
  /** None: it leads nowhere, or by a next hop object. */
  readonly ways: readonly Way[];
  readonly nhid: number | undefined;
  readonly src: string | undefined;
  readonly scope: string | undefined;
  readonly protocol: string | undefined;
  readonly pref: string | undefined;
  readonly realm: string | undefined;
  readonly metrics: Metrics;
}

/** net/ipv6/route.c: IP6_RT_PRIO_USER. */
const ipv6Metric = 1024;

export function defaultMetric(family: 4 | 6): number {
  return family === 6 ? ipv6Metric : 0;
}

/** "default" for the whole family, else the network with its prefix. */
function networkText(said: string): string {
  const cidr: Cidr | undefined = said === 'default' ? undefined : parseCidr(said);
  return cidr === undefined || cidr.prefix === 0 ? 'default' : cidrText(networkOf(cidr));
}

/** A row of `ip -d route show` of one table. */
export function routeOf(row: Row, family: 4 | 6, table: string, locked: ReadonlySet<string> = new Set()): Route {
  const nhid = number(row, 'nhid');
  // A blackhole that comes from the next hop object is the object's.
  const type = nhid === undefined ? (text(row, 'type') ?? 'unicast') : 'unicast';
  const several = rows(row, 'nexthops');
  // IPv6 shows lo for routes that lead nowhere.
  const none = nhid !== undefined || leadsNowhere(type);
  const flow = object(row, 'flow');
  const from = text(row, 'from');
  return {
    family,
    type,
    dst: networkText(text(row, 'dst') ?? 'default'),
    table,
    metric: number(row, 'metric') ?? 0,
    tos: tosText(text(row, 'tos')),
    from: from === undefined ? undefined : networkText(from),
    ways: none ? [] : several.length > 0 ? several.map(wayOf) : [wayOf(row)],
    nhid,
    src: text(row, 'prefsrc'),
    scope: text(row, 'scope'),
    protocol: protocolName(text(row, 'protocol') ?? 'boot'),
    pref: text(row, 'pref'),
    realm: [text(flow, 'from'), text(flow, 'to')].filter((part) => part !== undefined).join('/') || undefined,
    metrics: metricsOf(row, locked),
  };
}

/** The route that a task describes. */
export function wantedRoute(params: RouteFields, family: 4 | 6, table: string | number | undefined): Route {
  const { type, nhid, scope, pref } = params;
  const several = params.nexthops?.map(wantedWay);
  // A single one has all of the traffic.
  const ways = several?.length === 1 ? several.map((way) => ({ ...way, weight: 1 })) : several;
  const src = params.src === undefined ? undefined : parseIp(params.src);
  const from = params.from === undefined ? 'default' : networkText(params.from);
  const lone = params.via === undefined && params.dev === undefined ? [] : [wantedWay(params)];
  return {
    ...{ family, type, nhid, scope, pref },
    dst: networkText(params.dst ?? params.to ?? 'default'),
    table: tableName(table ?? tableOfType(type)),
    metric: params.metric ?? defaultMetric(family),
    tos: tosText(params.tos),
    from: from === 'default' ? undefined : from,
    ways: ways ?? lone,
    src: src && formatIp(src),
    protocol: params.protocol === undefined ? undefined : protocolName(params.protocol),
    realm: params.realm === undefined ? undefined : String(params.realm),
    metrics: wantedMetrics(params),
  };
}

/** Whether both are in the same place: the kernel tells routes to one destination apart by these. */
export function sameSlot(a: Route, b: Route): boolean {
  const alike = (key: 'family' | 'dst' | 'tos' | 'from') => a[key] === b[key];
  return alike('family') && alike('dst') && alike('tos') && alike('from') && slotMetric(a) === slotMetric(b);
}

/** IPv6 takes a metric of 0 as "none said". */
export function slotMetric(route: Route): number {
  return route.family === 6 && route.metric === 0 ? ipv6Metric : route.metric;
}

/** Whether a route of the kernel leads where the wanted one does. */
export function sameTarget(row: Route, wanted: Route): boolean {
  return row.type === wanted.type && row.nhid === wanted.nhid && sameWays(row.ways, wanted.ways);
}

/** Whether a route of the kernel is the wanted one; what the task leaves open is the kernel's choice. */
export function satisfies(row: Route, wanted: Route): boolean {
  const open = (key: 'src' | 'scope' | 'protocol' | 'pref' | 'realm') =>
    wanted[key] === undefined || wanted[key] === row[key];
  return (
    sameSlot(row, wanted) &&
    sameTarget(row, wanted) &&
    (['src', 'scope', 'protocol', 'pref', 'realm'] as const).every(open) &&
    Object.entries(wanted.metrics).every(([key, value]) => sameMetric(value, row.metrics[key]))
  );
}

/** The wanted route in the place of one that leads to the same: what the task leaves open stays. */
export function inPlaceOf(wanted: Route, row: Route): Route {
  if (!sameTarget(row, wanted)) return wanted;
  const { src = row.src, scope = row.scope, protocol = row.protocol, pref = row.pref, realm = row.realm } = wanted;
  return { ...wanted, src, scope, protocol, pref, realm, metrics: { ...row.metrics, ...wanted.metrics } };
}

/** Routes that the kernel makes and removes by itself: networks of addresses, local, multicast, announced by routers. */
export function isKernelMade(row: Route): boolean {
  return ['kernel', 'ra', 'redirect'].includes(row.protocol ?? '');
}
