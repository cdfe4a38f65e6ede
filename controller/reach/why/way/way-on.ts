import { cidrText, networkOf, parseCidr } from '../../../../agent/modules/shared/ip-address.ts';
import { task } from '../causes/cause.ts';
import type { Evidence, Place, PlaceName, Stage } from '../seen/evidence.ts';
import {
  type Departure,
  departures,
  deviceKey,
  holdersOf,
  isAt,
  isLinkLocal,
  isV6,
  lengthOf,
  linkOf,
  longestMatch,
  neighbourState,
  placeOf,
  sameNetwork,
  sysctlOf,
} from '../seen/facts.ts';
import { inTable, tableOf } from './guard-route.ts';
import { withoutTunnelsTo } from './outer.ts';
import { isInSight, Segments } from './segment.ts';

/** A router next door that a namespace could send packets to. */
export interface WayOn {
  readonly router: Place;
  /** Its address, as that namespace sees it. */
  readonly via: string;
  /** The network that the packet is for. */
  readonly network: string;
  /** Where a route there has to be. */
  readonly table: string;
  /** The route of just that network that leads elsewhere. */
  readonly replaces?: Place['routes'][number];
}

/**
 * Addresses of devices that are up, but for those that count on one link alone, and those of tunnels whose peers say themselves
 * what they take.
 */
function usable(place: Place) {
  return place.addresses.filter(({ address, dev }) => {
    const link = linkOf(place, dev);
    return link?.up === true && dev !== 'lo' && link.wireguard === undefined && !isLinkLocal(address);
  });
}

/** Whether a namespace passes on what comes in by a device; undefined kernel parameters were not read. */
function forwards(place: Place, dev: string, v6: boolean): boolean {
  const keys = v6 ? ['net.ipv6.conf.all.forwarding'] : ['net.ipv4.ip_forward', deviceKey(dev, 'forwarding')];
  return keys.every((key) => sysctlOf(place, key) !== 0);
}

/** The route of a table that a namespace sends packets for an address by; but for a default one. */
function routeTo({ routes }: Place, to: string, table: string): Place['routes'][number] | undefined {
  const route = longestMatch(
    routes.filter((one) => one.table === table),
    to,
  );
  return route?.dst === 'default' || route?.type !== 'unicast' ? undefined : route;
}

interface Neighbour extends Pick<WayOn, 'router' | 'via'> {
  /** Its device. */
  readonly dev: string;
}

/** Addresses by whose devices packets of a table go: of a VRF, or of all devices that are in none. */
function usableFor(place: Place, table: string) {
  return usable(place).filter(({ dev }) => tableOf(place, dev) === table);
}

/** Namespaces with an address in a network that a device of this one hears. */
function nextDoor(places: readonly Place[], place: Place, v6: boolean, table: string): readonly Neighbour[] {
  const segments = new Segments(places);
  const own = usableFor(place, table);
  const isNear = (router: Place) => (held: Place['addresses'][number]) =>
    isV6(held.address) === v6 &&
    own.some(
      ({ address, prefix, dev }) =>
        sameNetwork(address, held.address, prefix) && segments.hear({ ...place, dev }, { ...router, dev: held.dev }),
    );
  return places.flatMap((router) => {
    const near = isAt(router, place) ? undefined : usable(router).find(isNear(router));
    return near === undefined ? [] : [{ router, via: near.address, dev: near.dev }];
  });
}

/**
 * The one router next door that leads to an address, whose holder was looked at; undefined where there is none, or more than one,
 * as nobody can tell which of them is meant, and where the namespace has a way of its own there; none is behind a tunnel that
 * needs that way itself. `iif`: what the packet came by.
 */
export function wayOn(
  evidence: Pick<Evidence, 'places'>,
  name: PlaceName & Pick<Stage, 'iif'>,
  to: string,
): WayOn | undefined {
  const prefix = holdersOf(evidence, to)[0]?.prefix ?? lengthOf(to);
  const places = withoutTunnelsTo(evidence.places, name, { address: to, prefix });
  const [place, [holder, ...others]] = [placeOf({ places }, name), holdersOf({ places }, to)];
  if (place === undefined || holder === undefined || others.length > 0) return undefined;
  const table = tableOf(place, name.iif);
  const isNear = (address: string) =>
    usableFor(place, table).some((own) => sameNetwork(own.address, address, own.prefix));
  if (isNear(to) || linkOf(holder.place, holder.dev)?.up !== true) return undefined;
  const [found, ...more] = nextDoor(places, place, isV6(to), table).flatMap(({ router, via, dev }) => {
    const route = forwards(router, dev, isV6(to)) ? routeTo(router, to, tableOf(router, dev)) : undefined;
    // What it would send to somebody else next door is not its to pass on.
    const leads = linkOf(router, route?.dev)?.up === true && (route?.gateway === undefined || !isNear(route.gateway));
    if (route !== undefined && leads) return [{ router, via, prefix: Math.max(holder.prefix, lengthOf(route.dst)) }];
    // The end itself, by another of its addresses: for no other packets.
    return isAt(router, holder.place) ? [{ router, via, prefix: lengthOf(to) }] : [];
  });
  if (found === undefined || more.length > 0) return undefined;
  const network = parseCidr(`${to}/${found.prefix}`);
  const ownRoute = routeTo(place, to, table);
  const isTaken = ownRoute !== undefined && (ownRoute.gateway === found.via || lengthOf(ownRoute.dst) > found.prefix);
  if (network === undefined || isTaken) return undefined;
  const text = cidrText(networkOf(network));
  return { ...found, network: text, table, ...(ownRoute?.dst === text ? { replaces: ownRoute } : {}) };
}

/** The same, for a packet that leaves for a router which nobody knows, and which answers: a route is missing. */
export function missedRouter(evidence: Evidence, { index, stage, dev, nextHop }: Departure): WayOn | undefined {
  const { direction, iif, to, lookup } = stage;
  // At the end of the way the reply has the request's way to go back: other-way-back.
  if (nextHop === to || (direction === 'reply' && iif === undefined)) return undefined;
  if ((lookup.table ?? 'main') !== 'main' || evidence.stages[index + 1]?.direction === direction) return undefined;
  // Nobody has the next hop: neighbour-silent.
  if (neighbourState(placeOf(evidence, stage), dev, nextHop) === 'silent') return undefined;
  return isInSight(evidence, { ...stage, dev }, nextHop, to) ? undefined : wayOn(evidence, stage, to);
}

/**
 * Routers next door of where a way ends in nothing: their routes tell whether one of them leads on. And who hears the question for
 * an IPv6 address that nobody has: it goes with IPv6, where that is switched off.
 */
export function beside(places: readonly Place[], stages: readonly Stage[]): readonly PlaceName[] {
  const seen = { places: [...places], stages: [...stages] };
  const silent = departures(seen).filter(({ nextHop }) => holdersOf(seen, nextHop).length === 0);
  const lost = [...stages.filter(({ lookup }) => lookup.refusal !== undefined), ...silent.map(({ stage }) => stage)];
  const segments = new Segments(places);
  const hearing = silent.flatMap(({ stage: { host, netns }, dev, nextHop }) =>
    isV6(nextHop) ? places.filter((place) => segments.heardIn(place, { host, netns, dev }).length > 0) : [],
  );
  const routers = lost.flatMap((stage) => {
    const place = placeOf(seen, stage);
    // wayOn says nothing of an address that nobody has, or several.
    if (place === undefined || holdersOf(seen, stage.to).length !== 1) return [];
    const routers = nextDoor(places, place, isV6(stage.to), tableOf(place, stage.iif)).map(({ router }) => router);
    return routers.filter((router) => new Set(usable(router).map(({ dev }) => dev)).size > 1);
  });
  return [...routers, ...hearing];
}

/** A task that gives a namespace a route there. */
export function routeOn({ via, network, table }: WayOn, netns: string): string {
  return task('Give it a route', 'route', { dst: network, via, ...inTable(table) }, netns);
}
