import { cidrText, networkOf, parseCidr } from '../../../agent/modules/shared/ip-address.ts';
import { task } from './causes/cause.ts';
import type { Evidence, Place, PlaceName, Stage } from './evidence.ts';
import { departures, holdersOf, isAt, isV6, linkOf, longestMatch, placeOf, sameNetwork, sysctlOf } from './facts.ts';
import { Segments } from './segment.ts';

/** A router next door that a namespace could send packets to. */
export interface WayOn {
  readonly router: Place;
  /** Its address, as that namespace sees it. */
  readonly via: string;
  /** The network that the packet is for. */
  readonly network: string;
  /** The route of just that network that leads elsewhere. */
  readonly replaces?: Place['routes'][number];
}

/** Addresses of devices that are up, but for those that count on one link alone. */
function usable(place: Place) {
  return place.addresses.filter(
    ({ address, dev }) => linkOf(place, dev)?.up === true && dev !== 'lo' && !/^(fe[89ab]|169\.254\.)/i.test(address),
  );
}

/** The route of table main that a namespace sends packets for an address by; but for a default one. */
function routeTo({ routes }: Place, to: string): Place['routes'][number] | undefined {
  const ways = routes.filter(({ table, type }) => table === 'main' && type === 'unicast');
  const route = longestMatch(ways, to);
  return route?.dst === 'default' ? undefined : route;
}

/** Namespaces with an address in a network that a device of this one hears, and that address. */
function nextDoor(
  places: readonly Place[],
  segments: Segments,
  place: Place,
  v6: boolean,
): readonly Pick<WayOn, 'router' | 'via'>[] {
  const own = usable(place);
  const isNear = (router: Place) => (held: Place['addresses'][number]) =>
    isV6(held.address) === v6 &&
    own.some(
      ({ address, prefix, dev }) =>
        sameNetwork(address, held.address, prefix) && segments.hear({ ...place, dev }, { ...router, dev: held.dev }),
    );
  return places.flatMap((router) => {
    const near = isAt(router, place) ? undefined : usable(router).find(isNear(router));
    return near === undefined ? [] : [{ router, via: near.address }];
  });
}

/**
 * The one router next door that leads to an address, whose holder was looked at; undefined where there is none, or more than one,
 * as nobody can tell which of them is meant, and where the namespace has a way of its own there, or VRFs.
 */
export function wayOn({ places }: Pick<Evidence, 'places'>, name: PlaceName, to: string): WayOn | undefined {
  const [place, [holder, ...others]] = [placeOf({ places }, name), holdersOf({ places }, to)];
  if (place === undefined || holder === undefined || others.length > 0) return undefined;
  const isNear = (address: string) => usable(place).some((own) => sameNetwork(own.address, address, own.prefix));
  if (isNear(to) || place.links.some(({ vrfTable }) => vrfTable !== undefined)) return undefined;
  const [found, ...more] = nextDoor(places, new Segments(places), place, isV6(to)).flatMap(({ router, via }) => {
    const route = routeTo(router, to);
    const forwards = sysctlOf(router, isV6(to) ? 'net.ipv6.conf.all.forwarding' : 'net.ipv4.ip_forward') !== 0;
    const isEnd = isAt(router, holder.place);
    // What it would send to somebody else next door is not its to pass on.
    const leads = route !== undefined && forwards && linkOf(router, route.dev)?.up === true;
    if (!isEnd && !(leads && (route.gateway === undefined || !isNear(route.gateway)))) return [];
    return [{ router, via, prefix: Math.max(holder.prefix, isEnd ? 0 : prefixOf(route?.dst ?? '')) }];
  });
  if (found === undefined || more.length > 0) return undefined;
  const network = parseCidr(`${to}/${found.prefix}`);
  const ownRoute = routeTo(place, to);
  const isTaken = ownRoute !== undefined && (ownRoute.gateway === found.via || prefixOf(ownRoute.dst) > found.prefix);
  if (network === undefined || isTaken) return undefined;
  const text = cidrText(networkOf(network));
  return { ...found, network: text, ...(ownRoute?.dst === text ? { replaces: ownRoute } : {}) };
}

/** Length of a route's destination, which is an address or a network. */
function prefixOf(dst: string): number {
  return Number(dst.split('/')[1] ?? (isV6(dst) ? 128 : 32));
}

/** Routers next door of where a way ends in nothing: their routes tell whether one of them leads on. */
export function routersBeside(places: readonly Place[], stages: readonly Stage[]): readonly PlaceName[] {
  const seen = { places: [...places], stages: [...stages] };
  const segments = new Segments(places);
  const silent = departures(seen).filter(({ nextHop }) => holdersOf(seen, nextHop).length === 0);
  const lost = [...stages.filter(({ lookup }) => lookup.refusal !== undefined), ...silent.map(({ stage }) => stage)];
  return lost.flatMap((stage) => {
    const place = placeOf(seen, stage);
    // wayOn says nothing of an address that nobody has, or several.
    if (place === undefined || holdersOf(seen, stage.to).length !== 1) return [];
    const routers = nextDoor(places, segments, place, isV6(stage.to)).map(({ router }) => router);
    return routers.filter(({ links }) => links.filter(({ name }) => name !== 'lo').length > 1);
  });
}

/** A task that gives a namespace a route there. */
export function routeOn({ via, network }: WayOn, netns: string): string {
  return task('Give it a route', 'route', { dst: network, via }, netns);
}
