import type { Action } from '../../module.ts';
import { placed } from '../place.ts';
import { familyArg, option } from './family.ts';
import { metricWords } from './metrics.ts';
import { defaultMetric, type Route, slotMetric } from './route.ts';
import { nexthopWords, type Way, wayWords } from './way.ts';

/** What `ip` takes for a network: "default" alone would not tell the family. */
function networkArg(route: Route): string {
  if (route.dst !== 'default') return route.dst;
  return route.family === 6 ? '::/0' : '0.0.0.0/0';
}

export function showArgs(route: Route): string[] {
  return [...familyArg(route.family), 'route', 'show', 'exact', networkArg(route), 'table', route.table];
}

function metricArgs({ metric, family }: Route): string[] {
  return metric === defaultMetric(family) ? [] : ['metric', String(metric)];
}

/** ip(8) says one way and several in different places. */
function split(ways: readonly Way[], family: 4 | 6) {
  const lone = ways.length === 1 ? ways[0] : undefined;
  return { lone, several: lone === undefined ? ways.flatMap((way) => nexthopWords(way, family)) : [] };
}

/** Adds, replaces or deletes exactly this route. */
export function routeAction(
  verb: 'add' | 'append' | 'replace' | 'delete',
  route: Route,
  netns: string | undefined,
): Action {
  const { family, type, ways, src, scope, table, protocol, nhid, pref, realm } = route;
  const { lone, several } = split(ways, family);
  const key = [
    ...familyArg(family),
    ...['route', verb, ...(type === 'unicast' ? [] : [type]), networkArg(route)],
    ...option('from', route.from),
    ...option('tos', route.tos),
    ...(lone === undefined ? [] : wayWords(lone, family)),
    ...option('nhid', nhid),
    ...option('table', table),
    // Without one, IPv6 deletes the first route to there, of whatever metric and type (ip6_route_del in net/ipv6/route.c).
    ...(verb === 'delete' && family === 6 ? ['metric', String(slotMetric(route))] : metricArgs(route)),
  ];
  // What tells the route from others is enough to delete it, and the same for a wanted route and the kernel's row of it.
  if (verb === 'delete') return { op: 'ip', netns, args: [...key, ...several] };
  const args = [
    ...key,
    ...(family === 4 ? option('scope', scope) : []),
    ...option('src', src),
    ...(lone?.onlink ? ['onlink'] : []),
    ...(protocol === undefined || protocol === 'boot' ? [] : ['protocol', protocol]),
    ...(family === 6 && pref !== 'medium' ? option('pref', pref) : []),
    ...option('realm', realm),
    ...metricWords(route.metrics),
    ...several,
  ];
  return { op: 'ip', netns, args };
}

/**
 * Brings back a route that was there. IPv6 refuses to add one where another link has one to the same network by the same metric
 * (fib6_add_rt2node() in net/ipv6/ip6_fib.c), as it makes them itself for addresses.
 */
export function routeBack(route: Route, netns: string | undefined): Action {
  return routeAction(route.family === 6 && route.protocol === 'kernel' ? 'append' : 'add', route, netns);
}

/** The kernel's key of a route, in words: "route ns01/default", "route 10.0.0.0/8 table 100 metric 5". */
export function routeObject(route: Route, netns: string | undefined): string {
  const { dst, family, table, tos, from } = route;
  const name = placed(netns, family === 6 && dst === 'default' ? '::/0' : dst);
  const more = [...option('from', from), ...option('tos', tos), ...(table === 'main' ? [] : ['table', table])];
  return ['route', name, ...more, ...metricArgs(route)].join(' ');
}

/** "10.0.0.0/8 via 10.0.0.1 dev eth0", for people. */
export function routeText(route: Route): string {
  const { type, dst, ways, src, scope, table, family, protocol, nhid, pref, realm } = route;
  const { lone, several } = split(ways, family);
  return [
    ...(type === 'unicast' ? [] : [type]),
    dst,
    ...option('from', route.from),
    ...option('tos', route.tos),
    ...(lone === undefined ? [] : wayWords(lone, family)),
    ...option('nhid', nhid),
    ...(table === 'main' ? [] : ['table', table]),
    ...metricArgs(route),
    ...(family === 4 && scope !== undefined && scope !== 'global' ? ['scope', scope] : []),
    ...option('src', src),
    ...(lone?.onlink ? ['onlink'] : []),
    ...(protocol === undefined || protocol === 'boot' ? [] : ['protocol', protocol]),
    ...(pref === 'medium' ? [] : option('pref', pref)),
    ...option('realm', realm),
    ...metricWords(route.metrics),
    ...several,
  ].join(' ');
}
