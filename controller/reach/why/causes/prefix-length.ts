import { holdersOf, linkOf, placeOf, placeText, sameNetwork } from '../facts.ts';
import { Segments } from '../segment.ts';
import { defineCause, type Finding, mend, task } from './cause.ts';

export const cause = defineCause({
  name: 'prefix-length',
  summary: 'Two ends of one network have different prefix lengths, so that one takes the other for far away.',
  find: (evidence) => {
    const segments = new Segments(evidence.places);
    return evidence.stages.flatMap((stage, index): readonly Finding[] => {
      const { host, netns, direction, to, lookup } = stage;
      const place = placeOf(evidence, stage);
      if (place === undefined || lookup.refusal !== 'Network is unreachable') return [];
      return holdersOf(evidence, to).flatMap((holder) =>
        place.addresses.flatMap(({ address, prefix, dev }): readonly Finding[] => {
          const wide = sameNetwork(address, to, holder.prefix) && !sameNetwork(address, to, prefix);
          const joined = segments.hear({ host, netns, dev }, { ...holder.place, dev: holder.dev });
          if (!wide || !joined || linkOf(place, dev)?.up === false) return [];
          return [
            {
              stage: index,
              confidence: 'likely',
              host,
              netns,
              device: dev,
              direction,
              sentence: `${placeText(stage)} takes ${to} for far away: its ${address}/${prefix} on ${dev} does not take it in, while ${placeText(holder.place)} has ${to}/${holder.prefix} on the same network.`,
              proof: [`ip route get ${to} in ${placeText(stage)}: ${lookup.refusal}`],
              mend: mend(
                host,
                task(
                  'Give the address the prefix length of its network',
                  'address',
                  { address: `${address}/${holder.prefix}`, dev },
                  netns,
                ),
              ),
            },
          ];
        }),
      );
    });
  },
});
