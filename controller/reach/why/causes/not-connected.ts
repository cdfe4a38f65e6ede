import { departures, holdersOf, neighbourState, placeOf, placeText } from '../facts.ts';
import { Segments } from '../segment.ts';
import { defineCause, type Finding } from './cause.ts';

export const cause = defineCause({
  name: 'not-connected',
  summary:
    'The next hop is on a device that does not hear the one the packet leaves by: wrong namespace, bridge or VLAN.',
  find: (evidence) => {
    const segments = new Segments(evidence.places);
    return departures(evidence).flatMap(({ index, stage, dev, nextHop }): readonly Finding[] => {
      if (neighbourState(placeOf(evidence, stage), dev, nextHop) !== 'silent') return [];
      const holders = holdersOf(evidence, nextHop);
      const heard = holders.some(({ place }) => segments.heardIn(place, { ...stage, dev }).length > 0);
      const [holder] = holders;
      if (holder === undefined || heard) return [];
      return [
        {
          stage: index,
          confidence: 'likely',
          host: stage.host,
          netns: stage.netns,
          device: dev,
          direction: stage.direction,
          sentence: `${placeText(stage)} looks for ${nextHop} on ${dev}, but it is on ${holder.dev} of ${placeText(holder.place)}, and nothing connects the two devices.`,
          proof: [`ip neighbour show ${nextHop} dev ${dev} in ${placeText(stage)}: no MAC`],
        },
      ];
    });
  },
});
