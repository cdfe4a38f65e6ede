import type { Evidence } from '../seen/evidence.ts';
import type { Link } from '../seen/evidence-link.ts';
import { departures, holdersOf, linkOf, placeOf, placeText, wasPassed } from '../seen/facts.ts';
import type { Node } from '../seen/node.ts';
import { lowerOf } from '../way/segment.ts';
import { defineCause, type Finding, foundAt } from './cause.ts';

const stacked = new Set(['ipvlan', 'ipvtap', 'macvlan', 'macvtap']);

/** The other end of the parent's cable is the port of a switch that sends frames back by it. */
function isReflected({ places }: Evidence, { place, link }: Node): boolean {
  return link.kind === 'veth' && lowerOf(places, place, link)?.link.bridgePort?.hairpin === true;
}

export const cause = defineCause({
  name: 'sibling-isolation',
  summary:
    'Two ipvlan or macvlan devices of one parent may not speak to each other: private, or vepa without a switch that sends packets back.',
  find: (evidence) =>
    departures(evidence)
      .filter(({ index, stage }) => stage.direction === 'request' && !wasPassed(evidence, index))
      .flatMap(({ index, stage, dev, nextHop }) => {
        const place = placeOf(evidence, stage);
        const link = linkOf(place, dev);
        const parent = place && link && lowerOf(evidence.places, place, link);
        if (link === undefined || parent === undefined || !stacked.has(link.kind)) return [];
        return holdersOf(evidence, nextHop).flatMap((holder): readonly Finding[] => {
          const other = linkOf(holder.place, holder.dev);
          if (
            other === undefined ||
            other === link ||
            !stacked.has(other.kind) ||
            lowerOf(evidence.places, holder.place, other)?.link !== parent.link
          )
            return [];
          const of = (one: Link) => [one.flag, one.mode].find((mode) => mode === 'private' || mode === 'vepa');
          const [mine, theirs] = [of(link), of(other)];
          const mode = mine ?? theirs;
          if (mode === undefined || (mode === 'vepa' && isReflected(evidence, parent))) return [];
          const why =
            mode === 'private'
              ? 'such devices never hear their siblings'
              : 'it leaves all to a switch outside, which must send packets back where they came from';
          return [
            {
              ...foundAt({ index, stage, dev }, 'likely'),
              sentence: `${link.name} of ${placeText(stage)} and ${other.name} of ${placeText(holder.place)} are both ${link.kind} on ${parent.link.name}, and ${mine === undefined ? other.name : link.name} is ${mode}: ${why}.`,
              proof: [`ip -d link show ${mine === undefined ? other.name : link.name}: ${link.kind} ${mode}`],
            },
          ];
        });
      }),
});
