import type { Evidence, Place } from '../evidence.ts';
import { departures, linkOf, placeOf, placeText, sameNetwork } from '../facts.ts';
import { arrivals, lowerOf } from '../segment.ts';
import { defineCause, type Finding, mend, task } from './cause.ts';

interface Fault {
  readonly place: Place;
  readonly dev: string;
  readonly what: 'down' | 'no carrier';
}

/** What is wrong with a device, or with the one below it. */
function faultOf({ places }: Evidence, place: Place | undefined, dev: string | undefined): Fault | undefined {
  const link = linkOf(place, dev);
  if (place === undefined || link === undefined) return undefined;
  if (!link.up) return { place, dev: link.name, what: 'down' };
  const below = lowerOf(places, place, link);
  if (below !== undefined && !below.link.up) return { place: below.place, dev: below.link.name, what: 'down' };
  // Of a bond, its ports tell: bond-no-port.
  return link.carrier || link.kind === 'bond' ? undefined : { place, dev: link.name, what: 'no carrier' };
}

/** Devices that the packet would take, were they up: a route of a device that is down is gone from the table. */
function wouldLeaveBy(place: Place | undefined, to: string): string | undefined {
  const near = place?.addresses.find(
    ({ address, prefix, dev }) => linkOf(place, dev)?.up === false && sameNetwork(address, to, prefix),
  );
  return near?.dev;
}

export const cause = defineCause({
  name: 'link-down',
  summary: 'A device on the way is down or has no carrier, or the one below it is.',
  find: (evidence) => {
    const found = (stage: number, fault: Fault | undefined, seen: boolean): readonly Finding[] => {
      if (fault === undefined) return [];
      const { place, dev, what } = fault;
      const direction = evidence.stages[stage]?.direction ?? 'request';
      const said = what === 'down' ? 'is down' : 'is up, but has no carrier: its other end is down or not connected';
      return [
        {
          stage,
          confidence: seen ? 'certain' : 'likely',
          host: place.host,
          netns: place.netns,
          device: dev,
          direction,
          sentence: `${dev} of ${placeText(place)} ${said}, and the ${direction} would go by it.`,
          proof: [`ip link show ${dev} in ${placeText(place)}: ${what === 'down' ? 'no UP' : 'NO-CARRIER'}`],
          ...(what === 'down'
            ? { mend: mend(place.host, task(`Set ${dev} up`, 'link', { name: dev, state: 'up' }, place.netns)) }
            : {}),
        },
      ];
    };
    const refused = evidence.stages.flatMap((stage, index) => {
      const place = placeOf(evidence, stage);
      if (stage.lookup.refusal === undefined) return [];
      return found(index, faultOf(evidence, place, wouldLeaveBy(place, stage.to)), stage.seen);
    });
    const passed = departures(evidence).flatMap(({ index, stage, dev, nextHop }) => {
      const here = faultOf(evidence, placeOf(evidence, stage), dev);
      if (here !== undefined) return found(index, here, stage.seen);
      return arrivals(evidence, { ...stage, dev }, nextHop)
        .slice(0, 1)
        .flatMap((port) => found(index, faultOf(evidence, placeOf(evidence, port), port.dev), false));
    });
    const own = evidence.stages.flatMap((stage, index) => {
      const local = stage.lookup.type === 'local' && stage.iif === undefined;
      return local ? found(index, faultOf(evidence, placeOf(evidence, stage), 'lo'), true) : [];
    });
    return [...refused, ...passed, ...own];
  },
});
