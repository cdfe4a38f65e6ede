import type { Evidence, WayEvent } from '../seen/evidence.ts';
import {
  type Departure,
  departures,
  holdersOf,
  isAnswer,
  isV6,
  linkOf,
  neighbourState,
  placeOf,
  wasTraced,
} from '../seen/facts.ts';
import type { Node } from '../seen/node.ts';
import { type Cast, Frames } from './frame.ts';
import type { Obstacle } from './obstacle.ts';

/** A frame between a device and that of the next hop that does not arrive. */
export interface LostFrame {
  readonly departure: Departure;
  /** The question for the next hop's MAC, its answer, or the packet itself. */
  readonly frame: 'question' | 'answer' | 'packet';
  readonly from: Node;
  readonly to: Node;
  /** In the order in which it meets them. */
  readonly obstacles: readonly Obstacle[];
  /** It was seen to leave, and not to arrive. */
  readonly seen: boolean;
}

/** The frames of the probe and its reply that the settings of the devices between two hosts do not let through. */
export function lostFrames(evidence: Evidence): readonly LostFrame[] {
  const frames = new Frames(evidence.places);
  return departures(evidence).flatMap((departure) => {
    const { index, stage, dev, nextHop } = departure;
    const place = placeOf(evidence, stage);
    const link = linkOf(place, dev);
    if (place === undefined || link === undefined || evidence.stages[index + 1]?.seen === true) return [];
    const own = { place, link };
    const silent = neighbourState(place, dev, nextHop) === 'silent';
    return holdersOf(evidence, nextHop).flatMap((holder): readonly LostFrame[] => {
      const held = linkOf(holder.place, holder.dev);
      if (held === undefined || holder.place === place) return [];
      const other = { place: holder.place, link: held };
      const asked: Cast = isV6(nextHop) ? 'multicast' : 'broadcast';
      type Try = readonly [LostFrame['frame'], Node, Node, Cast];
      const questions: readonly Try[] = [
        ['question', own, other, asked],
        ['answer', other, own, { mac: link.mac }],
      ];
      // A MAC that was known is asked for once more at the old place, as a packet to it.
      const tries: readonly Try[] = [...(silent ? questions : []), ['packet', own, other, { mac: held.mac }]];
      for (const [frame, from, to, cast] of tries) {
        const obstacles = frames.way(from, to, cast)?.obstacles ?? [];
        const arrived = wasAt(evidence, { departure, frame }, to, ['receive', 'neighbour']);
        if (obstacles.length === 0 || arrived) continue;
        const left = wasAt(evidence, { departure, frame }, from, ['transmit']);
        const seen = left && wasTraced(evidence, to.place.host);
        return [{ departure, frame, from, to, obstacles, seen }];
      }
      return [];
    });
  });
}

/** True when the frame was seen to leave by a device, or to come in by it. */
function wasAt(
  evidence: Evidence,
  { departure, frame }: Pick<LostFrame, 'departure' | 'frame'>,
  { place, link }: Node,
  kinds: readonly WayEvent['kind'][],
): boolean {
  // Others ask for the same MAC, or make sure of it.
  const own = placeOf(evidence, departure.stage)?.addresses.map(({ address }) => address) ?? [];
  return evidence.events.some(({ kind, host, netns, dev, asks, about, type, direction, from, to }) => {
    if (!kinds.includes(kind) || host !== place.host || netns !== place.netns || dev !== link.name) return false;
    if (frame === 'packet') return !asks && !about && direction === departure.stage.direction;
    if (!asks || isAnswer(type) !== (frame === 'answer')) return false;
    const [asker, wanted] = frame === 'answer' ? [to, from] : [from, to];
    return wanted === departure.nextHop && own.includes(asker);
  });
}
