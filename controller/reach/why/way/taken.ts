import type { Evidence, Place, Stage } from '../seen/evidence.ts';
import { type Holder, holdersOf, linkOf, longestMatch, placeOf, ruleTakes } from '../seen/facts.ts';

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
  at: Pick<Stage, 'host' | 'netns'>,
  packet: Pick<Stage, 'from' | 'to' | 'iif'>,
): Taken | undefined {
  const { to: address, iif } = packet;
  const place = placeOf(evidence, at);
  const [holder] = holdersOf(evidence, address);
  if (place === undefined || holder === undefined) return undefined;
  if (place.addresses.some((held) => held.address === address)) return undefined;
  // A rule for some packets only leads to where they are meant to be taken (TPROXY).
  const rules = place.rules.filter((rule) => rule.action === '' && !rule.conditional && ruleTakes(rule, packet));
  const tables = new Set(['local', String(linkOf(place, iif)?.vrfTable), ...rules.map(({ table }) => table)]);
  const ways = place.routes.filter(({ type, table }) => type === 'local' && tables.has(table));
  const route = longestMatch(ways, address);
  return route && { place, holder, route };
}

/** Where a packet ends that should only pass. */
export function takenAt(evidence: Pick<Evidence, 'places'>, stage: Stage): Taken | undefined {
  return stage.lookup.type === 'local' ? takenBy(evidence, stage, stage) : undefined;
}
