import { cidrText, networkOf, parseCidr } from '../../../agent/modules/shared/ip-address.ts';
import { task } from './causes/cause.ts';
import type { Evidence, Place, PlaceName } from './evidence.ts';
import { holdersOf, isAt, isV6, linkOf, longestMatch, placeOf, sameNetwork } from './facts.ts';
import { Segments } from './segment.ts';

/** A router next door that a namespace could send packets to. */
export interface WayOn {
  readonly router: Place;
  /** Its address, as that namespace sees it. */
  readonly via: string;
  /** The network that the packet is for. */
  readonly network: string;
}

/** Addresses of devices that are up, but for those that count on one link alone. */
function usable(place: Place) {
  return place.addresses.filter(
    ({ address, dev }) => linkOf(place, dev)?.up === true && dev !== 'lo' && !/^(fe[89ab]|169\.254\.)/i.test(address),
  );
}

/** The device by which a namespace has the network of an address itself. */
export function ownDevice(place: Place, to: string): string | undefined {
  return usable(place).find(({ address, prefix }) => sameNetwork(address, to, prefix))?.dev;
}

/** True for a place whose routes lead on to an address, by more than a default: not to one that is the asking place's own. */
function leadsOn(place: Place, to: string, asking: Place): boolean {
  const route = longestMatch(
    place.routes.filter(({ table, type }) => table === 'main' && type === 'unicast'),
    to,
  );
  if (route === undefined || route.dst === 'default') return false;
  return linkOf(place, route.dev)?.up === true && !asking.addresses.some(({ address }) => address === route.gateway);
}

/** Namespaces with an address in a network that a device of this one hears, and that address. */
export function nextDoor(
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
 * The one namespace next door that leads to an address, whose holder was looked at; undefined where there is none, or more
 * than one: nobody can tell which of them is meant.
 */
export function wayOn({ places }: Pick<Evidence, 'places'>, name: PlaceName, to: string): WayOn | undefined {
  const [place, [holder, ...others]] = [placeOf({ places }, name), holdersOf({ places }, to)];
  const network = parseCidr(`${to}/${holder?.prefix}`);
  if (place === undefined || holder === undefined || others.length > 0 || network === undefined) return undefined;
  if (ownDevice(place, to) !== undefined) return undefined;
  const [found, ...more] = nextDoor(places, new Segments(places), place, isV6(to)).filter(
    ({ router }) => isAt(router, holder.place) || leadsOn(router, to, place),
  );
  return found === undefined || more.length > 0 ? undefined : { ...found, network: cidrText(networkOf(network)) };
}

/** A task that gives a namespace a route there. */
export function routeOn({ via, network }: WayOn, netns: string): string {
  return task('Give it a route', 'route', { dst: network, via }, netns);
}
