import { placeText } from '../../why/seen/facts.ts';
import { defineCheck } from './check.ts';

export const check = defineCheck({
  name: 'duplicate-address',
  summary: 'Two namespaces that hear each other have one and the same address.',
  find: ({ ways }) =>
    ways.ends.flatMap((one, index) =>
      ways.ends.slice(index + 1).flatMap((other) => {
        if (one.address !== other.address || one.place === other.place) return [];
        const port = (end: typeof one) => ({ host: end.place.host, netns: end.place.netns, dev: end.dev });
        if (!ways.segments.hear(port(one), port(other))) return [];
        const { host, netns } = other.place;
        return [
          {
            ...{ host, netns, device: other.dev },
            sentence: `${one.address} is on ${one.dev} of ${placeText(one.place)} and on ${other.dev} of ${placeText(other.place)}, and both are on one segment.`,
            breaks: 'Neighbours send to whichever answered ARP last: connections break off and go to the wrong one.',
            advice: `Take it off ${placeText(one.place)} or ${placeText(other.place)} (module address, state: absent).`,
          },
        ];
      }),
    ),
});
