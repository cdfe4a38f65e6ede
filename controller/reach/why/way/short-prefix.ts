import type { Evidence, Place } from '../seen/evidence.ts';
import { leadsTo, placeOf, sameNetwork } from '../seen/facts.ts';
import type { Port, Segments } from './segment.ts';

type Address = Place['addresses'][number];

/** An address that takes in what its neighbours know to be in another network. */
export interface ShortPrefix {
  readonly own: Address;
  readonly neighbour: Place;
  readonly theirs: Address;
}

/** Neighbours whose addresses say that the network of a port ends before an address which the port takes for near. */
export function shortPrefixes(
  evidence: Pick<Evidence, 'places'>,
  segments: Segments,
  port: Port,
  address: string,
): readonly ShortPrefix[] {
  const own = placeOf(evidence, port)?.addresses.find(
    (held) => held.dev === port.dev && sameNetwork(held.address, address, held.prefix),
  );
  if (own === undefined) return [];
  return evidence.places.flatMap((neighbour) => {
    const near = segments.heardIn(neighbour, port);
    return neighbour.addresses
      .filter(({ dev, address: held, prefix }) => {
        const isLonger = near.includes(dev) && prefix > own.prefix && sameNetwork(held, own.address, prefix);
        return isLonger && !sameNetwork(held, address, prefix);
      })
      .map((theirs) => ({ own, neighbour, theirs }));
  });
}

/** The first of those neighbours whose routes lead to the address. */
export function routedAway(
  evidence: Pick<Evidence, 'places'>,
  segments: Segments,
  port: Port,
  address: string,
): ShortPrefix | undefined {
  return shortPrefixes(evidence, segments, port, address).find(({ neighbour, theirs }) =>
    neighbour.routes.some((route) => route.dev !== undefined && route.dev !== theirs.dev && leadsTo(route, address)),
  );
}
