import {
  departures,
  deviceKey,
  isV6,
  neighbourState,
  placeOf,
  placeText,
  sameNetwork,
  sysctlOf,
} from '../seen/facts.ts';
import { routesBetween } from '../way/router-between.ts';
import { Segments } from '../way/segment.ts';
import { defineCause, type Finding, foundAt, mend, task } from './cause.ts';

export const cause = defineCause({
  name: 'proxy-arp',
  summary: 'A host asks for the MAC of an address behind a router, which does not answer in its place.',
  find: (evidence) => {
    const segments = new Segments(evidence.places);
    return departures(evidence).flatMap(({ index, stage, dev, nextHop }): readonly Finding[] => {
      const { host, netns } = stage;
      const place = placeOf(evidence, stage);
      if (isV6(nextHop) || neighbourState(place, dev, nextHop) !== 'silent') return [];
      const router = routesBetween(evidence, segments, { host, netns, dev }, nextHop);
      if (router === undefined) return [];
      const { near, far } = router;
      const on = [near, 'all'].some((name) => sysctlOf(router.place, deviceKey(name, 'proxy_arp')) === 1);
      const own = place?.addresses.find((held) => held.dev === dev && sameNetwork(held.address, nextHop, held.prefix));
      const theirs = router.place.addresses.find((held) => held.dev === near && !isV6(held.address));
      // With the router's prefix it would send it there by itself: prefix-length.
      if (on || (own !== undefined && theirs !== undefined && own.prefix < theirs.prefix)) return [];
      const key = deviceKey(near, 'proxy_arp');
      return [
        {
          ...foundAt({ index, stage, place: router.place, dev: near }, 'likely'),
          sentence: `${placeText(stage)} takes ${nextHop} for near, and asks for its MAC on ${dev}; it is behind ${placeText(router.place)}, by ${far}, which does not answer in its place: ${key} is 0.`,
          proof: [
            `ip neighbour show ${nextHop} dev ${dev} in ${placeText(stage)}: no MAC`,
            ...(own === undefined ? [] : [`ip address in ${placeText(stage)}: ${own.address}/${own.prefix} on ${dev}`]),
            `${key} = 0 in ${placeText(router.place)}`,
          ],
          beware: `A route to ${nextHop} by ${placeText(router.place)} in ${placeText(stage)} does it too.`,
          mend: mend(
            router.place.host,
            task('Answer for what is behind it', 'sysctl', { name: key, value: 1 }, router.place.netns),
          ),
        },
      ];
    });
  },
});
