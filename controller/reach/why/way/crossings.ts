import type { Evidence, Stage } from '../seen/evidence.ts';
import { departures, holdersOf, linkOf, placeOf } from '../seen/facts.ts';
import type { Node } from '../seen/node.ts';
import { Frames } from './frame.ts';

/** A device that a packet of the probe goes through, and which way. */
export interface Crossing extends Node {
  /** Index of its stage. */
  readonly index: number;
  readonly stage: Stage;
  readonly goes: 'in' | 'out';
}

/** The devices that the probe and its reply go through, in order: of each hop its ends, and what is between them. */
export function crossings(evidence: Evidence): readonly Crossing[] {
  const frames = new Frames(evidence.places);
  return departures(evidence).flatMap(({ index, stage, dev, nextHop }): readonly Crossing[] => {
    const place = placeOf(evidence, stage);
    const link = linkOf(place, dev);
    if (place === undefined || link === undefined) return [];
    const own = { place, link };
    const ways = holdersOf(evidence, nextHop).flatMap((holder) => {
      const held = linkOf(holder.place, holder.dev);
      const to = held === undefined ? undefined : { place: holder.place, link: held };
      return (to && frames.way(own, to, { mac: to.link.mac })?.crossed) ?? [];
    });
    const crossed = ways.length > 0 ? ways : [{ ...own, goes: 'out' as const }];
    return crossed.map((node) => ({ ...node, index, stage }));
  });
}
