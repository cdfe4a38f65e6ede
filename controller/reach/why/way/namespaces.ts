import type { Place, PlaceName, Question, Stage } from '../seen/evidence.ts';
import { departures, holdersOf, isAt } from '../seen/facts.ts';
import { routerBetween } from './router-between.ts';
import { downwards, Segments } from './segment.ts';
import { shortPrefixes } from './short-prefix.ts';

/** Stages, and those of the ways beneath them. */
function withBeneath(stages: readonly Stage[]): readonly Stage[] {
  return stages.flatMap((stage) => [stage, ...withBeneath(stage.beneath ?? [])]);
}

/**
 * The namespaces of the way, those with addresses that the way asks for, those that switch frames between them, and who
 * could route between where these are out of hearing, or has another opinion of what is near.
 */
export function namespacesOf(
  question: Question,
  stages: readonly Stage[],
  places: readonly Place[],
): readonly PlaceName[] {
  const { to, protocol } = question;
  const seen = { places: [...places] };
  const segments = new Segments(places);
  const every = withBeneath(stages);
  const leaving = departures({ stages: every });
  const holders = [to, ...leaving.map(({ nextHop }) => nextHop)].flatMap((address) => holdersOf(seen, address));
  const between = leaving.flatMap(({ stage: { host, netns }, dev, nextHop }) => {
    const port = { host, netns, dev };
    const far = shortPrefixes(seen, segments, port, nextHop).map(({ neighbour }) => neighbour);
    return [routerBetween(seen, segments, port, nextHop)?.place ?? [], ...far].flat();
  });
  const ends = holders.map(({ place }) => place);
  // A program that was to listen in a namespace may have been started outside.
  const outside = protocol === 'icmp' ? [] : ends.map(({ host }) => ({ host, netns: '' }));
  const all = [question, ...every, ...between, ...ends, ...outside];
  const ports = [
    ...leaving.map(({ stage: { host, netns }, dev }) => ({ host, netns, dev })),
    ...holders.map(({ place: { host, netns }, dev }) => ({ host, netns, dev })),
  ].flatMap((port) => downwards(places, port));
  return places.filter(
    (place) => all.some((one) => isAt(one, place)) || ports.some((port) => segments.passes(place, port)),
  );
}
