import type { Action } from '../module.ts';
import { type Cidr, cidrText, networkOf, parseCidr } from './ip-address.ts';
import { placed } from './place.ts';
import { protocolName } from './protocols.ts';
import { number, type Row, rows, text, texts } from './rows.ts';

/** A route in the kernel's terms. */
export interface Route {
  readonly family: 4 | 6;
  readonly type: string;
  /** "default" or a network with prefix. */
  readonly dst: string;
  readonly via?: string | undefined;
  readonly dev?: string | undefined;
  readonly onlink: boolean;
  readonly src?: string | undefined;
  /** 0 for IPv4 and 1024 for IPv6 when nobody said one. */
  readonly metric: number;
  readonly scope?: string | undefined;
  readonly table: string;
  readonly protocol?: string | undefined;
  /** Several next hops: only kept to put the route back. */
  readonly nexthops: readonly Row[];
}

/** net/ipv6/route.c: IP6_RT_PRIO_USER. */
const ipv6Metric = 1024;

export function defaultMetric(family: 4 | 6): number {
  return family === 6 ? ipv6Metric : 0;
}

/** "default" for the whole family, else the network with its prefix. */
export function dstText(cidr: Cidr): string {
  return cidr.prefix === 0 ? 'default' : cidrText(networkOf(cidr));
}

/** What `route show` takes: "default" alone would not tell the family. */
function dstArg(route: Pick<Route, 'dst' | 'family'>): string {
  if (route.dst !== 'default') return route.dst;
  return route.family === 6 ? '::/0' : '0.0.0.0/0';
}

export function familyArg(family: 4 | 6): string[] {
  return family === 6 ? ['-6'] : [];
}

export function showArgs(route: Pick<Route, 'dst' | 'family' | 'table'>): string[] {
  return [...familyArg(route.family), 'route', 'show', 'exact', dstArg(route), 'table', route.table];
}

/** A row of `ip -d route show` of one table. */
export function routeOf(row: Row, family: 4 | 6, table: string): Route {
  const dst = text(row, 'dst') ?? 'default';
  const cidr = dst === 'default' ? undefined : parseCidr(dst);
  const via = row.via;
  const otherFamily = typeof via === 'object' && via !== null && 'host' in via ? String(via.host) : undefined;
  const type = text(row, 'type') ?? 'unicast';
  return {
    family,
    type,
    dst: cidr === undefined ? 'default' : dstText(cidr),
    via: text(row, 'gateway') ?? otherFamily,
    // IPv6 shows lo for routes that lead nowhere.
    dev: leadsNowhere(type) ? undefined : text(row, 'dev'),
    onlink: texts(row, 'flags').includes('onlink'),
    src: text(row, 'prefsrc'),
    metric: number(row, 'metric') ?? 0,
    scope: text(row, 'scope'),
    table,
    protocol: protocolName(text(row, 'protocol') ?? 'boot'),
    nexthops: rows(row, 'nexthops'),
  };
}

export function leadsNowhere(type: string): boolean {
  return ['blackhole', 'unreachable', 'prohibit'].includes(type);
}

function metricArgs(metric: number, family: 4 | 6): string[] {
  return metric === defaultMetric(family) ? [] : ['metric', String(metric)];
}

function viaArgs(via: string, family: 4 | 6): string[] {
  const other = via.includes(':') !== (family === 6);
  return other ? ['via', via.includes(':') ? 'inet6' : 'inet', via] : ['via', via];
}

function option(key: string, value: string | number | undefined): string[] {
  return value === undefined ? [] : [key, String(value)];
}

function nexthopArgs(row: Row, family: 4 | 6): string[] {
  const via = text(row, 'gateway');
  const onlink = texts(row, 'flags').includes('onlink') ? ['onlink'] : [];
  const weight = option('weight', number(row, 'weight'));
  return [
    'nexthop',
    ...(via === undefined ? [] : viaArgs(via, family)),
    ...option('dev', text(row, 'dev')),
    ...weight,
    ...onlink,
  ];
}

/** Adds, replaces or deletes exactly this route. */
export function routeAction(
  verb: 'add' | 'append' | 'replace' | 'delete',
  route: Route,
  netns: string | undefined,
): Action {
  const { family, type, dst, via, dev, src, metric, scope, table, protocol } = route;
  const key = [
    ...familyArg(family),
    ...['route', verb, ...(type === 'unicast' ? [] : [type]), dst === 'default' ? dstArg(route) : dst],
    ...(via === undefined ? [] : viaArgs(via, family)),
    ...option('dev', dev),
    ...option('table', table),
    ...metricArgs(metric, family),
  ];
  // What tells the route from others is enough to delete it, and the same for a wanted route and the kernel's row of it.
  if (verb === 'delete' && route.nexthops.length === 0) return { op: 'ip', netns, args: key };
  const args = [
    ...key,
    ...(family === 4 ? option('scope', scope) : []),
    ...option('src', src),
    ...(route.onlink ? ['onlink'] : []),
    ...(protocol === undefined || protocol === 'boot' ? [] : ['protocol', protocol]),
    ...route.nexthops.flatMap((row) => nexthopArgs(row, family)),
  ];
  return { op: 'ip', netns, args };
}

/** The kernel's key of a route, in words: "route ns01/default", "route 10.0.0.0/8 table 100 metric 5". */
export function routeObject(route: Route, netns: string | undefined): string {
  const { dst, family, metric, table } = route;
  const name = placed(netns, family === 6 && dst === 'default' ? '::/0' : dst);
  const more = [...(table === 'main' ? [] : ['table', table]), ...metricArgs(metric, family)];
  return ['route', name, ...more].join(' ');
}

/** "10.0.0.0/8 via 10.0.0.1 dev eth0", for people. */
export function routeText(route: Route): string {
  const { type, dst, via, dev, src, metric, scope, table, family, protocol } = route;
  return [
    ...(type === 'unicast' ? [] : [type]),
    dst,
    ...option('via', via),
    ...option('dev', dev),
    ...(table === 'main' ? [] : ['table', table]),
    ...metricArgs(metric, family),
    ...(family === 4 && scope !== undefined && scope !== 'global' ? ['scope', scope] : []),
    ...option('src', src),
    ...(route.onlink ? ['onlink'] : []),
    ...(protocol === undefined || protocol === 'boot' ? [] : ['protocol', protocol]),
    ...(route.nexthops.length > 0 ? [`and ${route.nexthops.length} next hops`] : []),
  ].join(' ');
}
