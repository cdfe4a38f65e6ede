import type { Evidence, Place } from '../seen/evidence.ts';
import { holdersOf, leadsTo } from '../seen/facts.ts';
import type { Port, Segments } from './segment.ts';

/** A namespace that hears both sides. */
export interface RouterBetween {
  readonly place: Place;
  /** Its device that hears the one who asks. */
  readonly near: string;
  /** Its device that hears who has the address. */
  readonly far: string;
}

/** Who could pass on what a port has for an address that does not hear it: the first found. */
export function routerBetween(
  evidence: Pick<Evidence, 'places'>,
  segments: Segments,
  port: Port,
  address: string,
): RouterBetween | undefined {
  const holders = holdersOf(evidence, address);
  if (holders.some(({ place }) => segments.heardIn(place, port).length > 0)) return undefined;
  const found = evidence.places.flatMap((place) =>
    segments
      .heardIn(place, port)
      .flatMap((near) =>
        holders
          .flatMap((holder) => segments.heardIn(place, { ...holder.place, dev: holder.dev }))
          .map((far) => ({ place, near, far })),
      ),
  );
  return found.find(({ near, far }) => near !== far);
}

/** The same, where its routes lead there by that device: what merely hears both sides passes nothing on. */
export function routesBetween(
  evidence: Pick<Evidence, 'places'>,
  segments: Segments,
  port: Port,
  address: string,
): RouterBetween | undefined {
  const found = routerBetween(evidence, segments, port, address);
  const leads = found?.place.routes.some((route) => route.dev === found.far && leadsTo(route, address));
  return leads === true ? found : undefined;
}
