import type { Host } from '../../../linux/host.ts';
import type { Step } from '../../module.ts';
import { cidrText, networkOf, parseCidr } from '../ip-address.ts';
import { type Neighbour, type NeighbourKey, neighbourObject, neighbourOf, putNeighbour } from '../neighbour.ts';
import { readRows } from '../place.ts';
import { routeAction, routeObject } from '../route/action.ts';
import type { Route } from '../route/route.ts';
import type { Way } from '../route/way.ts';
import { text } from '../rows.ts';
import type { AddressRow } from './address.ts';

interface Entry {
  readonly key: NeighbourKey;
  readonly neighbour: Neighbour;
}

/** What the kernel takes along with the last IPv4 address of a link (fib_disable_ip, net/ipv4/fib_frontend.c). */
export interface Lost {
  readonly routes: readonly Route[];
  readonly neighbours: readonly Entry[];
}

export const noLoss: Lost = { routes: [], neighbours: [] };

/** All IPv4 addresses of a link go, be it for a moment: secondary ones go with the first of their network and come again. */
export function isEmptied(all: readonly AddressRow[], goes: (row: AddressRow) => boolean): boolean {
  const four = all.filter((row) => row.family === 4);
  return four.some(goes) && four.every((row) => row.secondary || goes(row));
}

/** The IPv4 routes that lead over any of these links. */
export function routesOver(links: ReadonlySet<string>, routes: readonly Route[]): readonly Route[] {
  return routes.filter(
    ({ family, ways }) => family === 4 && ways.some(({ dev }) => dev !== undefined && links.has(dev)),
  );
}

/** IPv4 neighbours of a link that somebody set. */
export async function lastingNeighbours(host: Host, netns: string | undefined, dev: string): Promise<readonly Entry[]> {
  const kinds = [
    { proxy: false, words: ['nud', 'permanent'] },
    { proxy: true, words: ['proxy'] },
  ];
  const found = kinds.map(async ({ proxy, words }) => {
    const shown = await readRows(host, netns, ['neighbour', 'show', 'dev', dev, ...words]);
    return shown.map((row) => ({
      key: { dst: text(row, 'dst') ?? '', dev, netns, proxy },
      neighbour: neighbourOf(row),
    }));
  });
  return (await Promise.all(found)).flat().filter(({ key }) => !key.dst.includes(':'));
}

/**
 * Those of the routes that can be had with the addresses which emptied links have next, those through a gateway after the
 * others: a gateway is in a network of these addresses, or of a route that needs none.
 */
export function stillPossible(
  routes: readonly Route[],
  links: ReadonlyMap<string, readonly AddressRow[]>,
): readonly Route[] {
  const sources = [...links.values()].flat().map(({ address }) => address);
  const rooted = routes.filter(({ src }) => src === undefined || sources.includes(src));
  const direct = rooted.filter(({ ways }) => ways.every((way) => !needsNetwork(way)));
  const networksOf = (dev: string) => [
    ...routedNetworks(links.get(dev) ?? []),
    ...direct.filter((route) => route.table === 'main' && leadsOver(route, dev)).map(({ dst }) => dst),
  ];
  const isNear = (way: Way) =>
    way.dev === undefined ||
    !links.has(way.dev) ||
    networksOf(way.dev).some((network) => holds(network, way.via ?? ''));
  const near = rooted.filter(({ ways }) => ways.some(needsNetwork) && ways.filter(needsNetwork).every(isNear));
  return [...direct, ...near];
}

function needsNetwork({ via, onlink }: Way): boolean {
  return via !== undefined && !via.includes(':') && !onlink;
}

function leadsOver({ ways }: Route, dev: string): boolean {
  return ways.some((way) => way.dev === dev);
}

/** Networks that IPv4 addresses bring routes to: the first of each alone does (fib_add_ifaddr, net/ipv4/fib_frontend.c). */
function routedNetworks(addresses: readonly AddressRow[]): readonly string[] {
  const networks = addresses.map((row) => cidrText(networkOf({ ...row, address: row.peer ?? row.address })));
  return networks.filter((each, at) => networks.indexOf(each) === at && addresses[at]?.noprefixroute !== true);
}

function holds(network: string, address: string): boolean {
  if (network === 'default') return true;
  const whole = parseCidr(network);
  return whole !== undefined && cidrText(networkOf({ ...whole, address })) === network;
}

/** Puts back what went; it may or may not be there still. */
export function lostAgain(lost: Lost, netns: string | undefined): Step[] {
  const routes = lost.routes.map((route): Step => {
    const action = routeAction('add', route, netns);
    return {
      object: routeObject(route, netns),
      action: action.op === 'ip' ? { ...action, ifMissing: true } : action,
      undo: [],
    };
  });
  const neighbours = lost.neighbours.map(
    ({ key, neighbour }): Step => ({ object: neighbourObject(key), action: putNeighbour(key, neighbour), undo: [] }),
  );
  return [...routes, ...neighbours];
}
