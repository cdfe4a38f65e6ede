import type { Evidence, Place } from '../seen/evidence.ts';
import { arrives, holdersOf, isAt, isV6, lengthOf, linkOf, longestMatch, placeOf, sameNetwork } from '../seen/facts.ts';
import { Segments } from './segment.ts';
import { isFallback } from './tunnel.ts';

/** True where the kernel of a stage has no way on, or sends the packet to a router that leads out of sight, or back. */
export function goesAstray(evidence: Pick<Evidence, 'stages'>, index: number): boolean {
  const stage = evidence.stages[index];
  if (stage === undefined) return false;
  const { direction, lookup, to } = stage;
  if (lookup.refusal !== undefined) return lookup.refusal === 'Network is unreachable';
  const onward = evidence.stages.slice(index + 1).filter((next) => next.direction === direction);
  const isLost = onward.length === 0 || onward.some((next) => isAt(next, stage));
  return isLost && lookup.gateway !== undefined && lookup.gateway !== to && !arrives(evidence, direction);
}

/** The one device of a namespace that hears who has an address; undefined: none does, or several do. */
export function deviceTo({ places }: Pick<Evidence, 'places'>, place: Place, to: string): string | undefined {
  const holders = holdersOf({ places }, to);
  if (holders.length === 0) return undefined;
  const segments = new Segments(places);
  const [heard, ...more] = holders.flatMap((holder) => segments.heardIn(place, { ...holder.place, dev: holder.dev }));
  return more.length === 0 ? heard : undefined;
}

/**
 * The device that the packet would take, were it up: routes of a device that is down are gone from the table, and its IPv6
 * addresses are, too. It has that network; or, where it has lost its addresses, it alone hears who has that one; or it is the
 * only way out of a namespace.
 */
export function wouldLeaveBy(evidence: Evidence, place: Place, to: string): string | undefined {
  const outward = place.links.filter((link) => link.name !== 'lo' && !isFallback({ place, link }));
  const held = (dev: string) => place.addresses.filter((one) => one.dev === dev && isV6(one.address) === isV6(to));
  const down = outward.filter(({ name, up }) => !up && (isV6(to) || held(name).length > 0)).map(({ name }) => name);
  // A route of a longer prefix would be taken though the device were up.
  const ways = place.routes.filter(({ table }) => table === 'main');
  const least = lengthOf(longestMatch(ways, to)?.dst ?? 'default');
  const near = down.find((dev) =>
    held(dev).some(({ address, prefix }) => prefix >= least && sameNetwork(address, to, prefix)),
  );
  if (near !== undefined || down.length === 0) return near;
  if (outward.length === 1) return down[0];
  if (!isV6(to)) return undefined;
  const heard = deviceTo(evidence, place, to);
  return heard !== undefined && down.includes(heard) && held(heard).length === 0 ? heard : undefined;
}

/** True where the packet goes astray as the device that it would take is down. */
export function isDownFor(evidence: Evidence, index: number): boolean {
  const stage = evidence.stages[index];
  const place = stage && placeOf(evidence, stage);
  if (stage === undefined || place === undefined || !goesAstray(evidence, index)) return false;
  return linkOf(place, wouldLeaveBy(evidence, place, stage.to))?.up === false;
}
