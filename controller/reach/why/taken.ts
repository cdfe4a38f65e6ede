import type { Evidence, Place, Stage } from './evidence.ts';
import { covers, type Holder, holdersOf, placeOf } from './facts.ts';

/** A namespace that takes somebody else's address for its own. */
export interface Taken {
  readonly place: Place;
  readonly holder: Holder;
  /** The route of type local that says so, with the longest prefix. */
  readonly route: Place['routes'][number];
}

/** Undefined: the namespace has the address, or no such route, or nobody that was looked at has it. */
export function takenBy(
  evidence: Pick<Evidence, 'places'>,
  place: Place | undefined,
  address: string,
): Taken | undefined {
  const [holder] = holdersOf(evidence, address);
  if (place === undefined || holder === undefined) return undefined;
  if (place.addresses.some((held) => held.address === address)) return undefined;
  const length = (dst: string) => Number(dst.split('/')[1] ?? 128);
  const [route] = place.routes
    .filter(({ type, dst }) => type === 'local' && covers(dst, address))
    .sort((one, other) => length(other.dst) - length(one.dst));
  return route && { place, holder, route };
}

/** Where a packet ends that should only pass. */
export function takenAt(evidence: Pick<Evidence, 'places'>, stage: Stage): Taken | undefined {
  return stage.lookup.type === 'local' ? takenBy(evidence, placeOf(evidence, stage), stage.to) : undefined;
}
