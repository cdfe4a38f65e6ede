import { departures, holdersOf, linkOf, neighbourState, placeOf, placeText } from '../facts.ts';
import { Frames } from '../frame.ts';
import { routesBetween } from '../router-between.ts';
import { lowerOf, Segments } from '../segment.ts';
import { defineCause, type Finding } from './cause.ts';

export const cause = defineCause({
  name: 'not-connected',
  summary:
    'The next hop is on a device that does not hear the one the packet leaves by: wrong namespace, bridge or VLAN.',
  find: (evidence) => {
    const segments = new Segments(evidence.places);
    const frames = new Frames(evidence.places);
    return departures(evidence).flatMap(({ index, stage, dev, nextHop }): readonly Finding[] => {
      const place = placeOf(evidence, stage);
      const link = linkOf(place, dev);
      if (neighbourState(place, dev, nextHop) !== 'silent') return [];
      const holders = holdersOf(evidence, nextHop);
      const heard = holders.some(({ place }) => segments.heardIn(place, { ...stage, dev }).length > 0);
      const [holder] = holders;
      if (holder === undefined || heard) return [];
      // They are connected then, and not by this device alone: proxy-arp, prefix-length.
      if (routesBetween(evidence, segments, { ...stage, dev }, nextHop) !== undefined) return [];
      // Something does, but its settings keep the two apart: other causes name them.
      const held = linkOf(holder.place, holder.dev);
      const way =
        place === undefined || link === undefined || held === undefined
          ? undefined
          : frames.way({ place, link }, { place: holder.place, link: held }, 'broadcast');
      if (way !== undefined && way.obstacles.length > 0) return [];
      const peer = link?.kind === 'veth' && place !== undefined ? lowerOf(evidence.places, place, link) : undefined;
      const otherEnd = peer === undefined ? '' : `, whose other end is ${peer.link.name} of ${placeText(peer.place)}`;
      return [
        {
          stage: index,
          confidence: 'likely',
          host: stage.host,
          netns: stage.netns,
          device: dev,
          direction: stage.direction,
          sentence: `${placeText(stage)} looks for ${nextHop} on ${dev}${otherEnd}, but it is on ${holder.dev} of ${placeText(holder.place)}, and nothing connects the two devices.`,
          proof: [`ip neighbour show ${nextHop} dev ${dev} in ${placeText(stage)}: no MAC`],
        },
      ];
    });
  },
});
