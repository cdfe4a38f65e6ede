import type { Evidence } from '../seen/evidence.ts';
import { departures, holdersOf, linkOf, neighbourState, placeOf, placeText, sameNetwork } from '../seen/facts.ts';
import { Segments } from '../way/segment.ts';
import { routedAway } from '../way/short-prefix.ts';
import { defineCause, type Finding, foundAt, mend, task } from './cause.ts';

/** What is far away is asked for on the link: its router there has a longer prefix. */
function tooShort(evidence: Evidence, segments: Segments): readonly Finding[] {
  return departures(evidence).flatMap(({ index, stage, dev, nextHop }): readonly Finding[] => {
    const { host, netns } = stage;
    if (neighbourState(placeOf(evidence, stage), dev, nextHop) !== 'silent') return [];
    const short = routedAway(evidence, segments, { host, netns, dev }, nextHop);
    if (short === undefined) return [];
    const { own, neighbour, theirs } = short;
    const address = { address: `${own.address}/${theirs.prefix}`, dev };
    return [
      {
        ...foundAt({ index, stage, dev }, 'likely'),
        sentence: `${placeText(stage)} takes ${nextHop} for near: its ${own.address}/${own.prefix} on ${dev} takes it in, while the network there is ${theirs.address}/${theirs.prefix} for ${placeText(neighbour)}, which ${nextHop} is behind.`,
        proof: [`ip neighbour show ${nextHop} dev ${dev} in ${placeText(stage)}: no MAC`],
        mend: mend(
          host,
          task('Give the address the prefix length of its network', 'address', address, netns),
          task(
            'Take the short one away',
            'address',
            { address: `${own.address}/${own.prefix}`, dev, state: 'absent' },
            netns,
          ),
        ),
      },
    ];
  });
}

export const cause = defineCause({
  name: 'prefix-length',
  summary:
    'Two ends of one network have different prefix lengths, so that one takes what is near for far away, or the reverse.',
  find: (evidence) => {
    const segments = new Segments(evidence.places);
    const tooLong = evidence.stages.flatMap((stage, index): readonly Finding[] => {
      const { host, netns, to, lookup } = stage;
      const place = placeOf(evidence, stage);
      if (place === undefined || lookup.refusal !== 'Network is unreachable') return [];
      return holdersOf(evidence, to).flatMap((holder) =>
        place.addresses.flatMap(({ address, prefix, dev }): readonly Finding[] => {
          const wide = sameNetwork(address, to, holder.prefix) && !sameNetwork(address, to, prefix);
          const joined = segments.hear({ host, netns, dev }, { ...holder.place, dev: holder.dev });
          if (!wide || !joined || linkOf(place, dev)?.up === false) return [];
          return [
            {
              ...foundAt({ index, stage, dev }, 'likely'),
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
    return [...tooLong, ...tooShort(evidence, segments)];
  },
});
