import { count } from '../../../report/format.ts';
import { dropsOf, fullTracking, isTracked, placeOf, placeText, wasPassed } from '../seen/facts.ts';
import { mayDrop } from '../way/nft-drops.ts';
import { defineCause, type Finding, foundAt, mend, task } from './cause.ts';

export const cause = defineCause({
  name: 'conntrack-full',
  summary: 'The table of connections is full, so that packets of further ones are dropped.',
  find: (evidence) =>
    evidence.stages.flatMap((stage, index): readonly Finding[] => {
      const { host, netns, direction, iif } = stage;
      const place = placeOf(evidence, stage);
      const full = fullTracking(place);
      if (full === undefined) return [];
      const { tracked, most } = full;
      const drop = dropsOf(evidence).find(
        ({ asks, about, reason, ...event }) =>
          event.host === host &&
          event.netns === netns &&
          event.direction === direction &&
          reason === 'NETFILTER_DROP' &&
          !asks &&
          !about,
      );
      if (isTracked(evidence, stage, direction) || (drop === undefined && wasPassed(evidence, index))) return [];
      return [
        {
          ...foundAt(
            { index, stage, dev: iif },
            drop !== undefined && mayDrop(place, evidence.question).length === 0 ? 'certain' : 'likely',
          ),
          sentence: `${placeText(stage)} keeps track of ${count(tracked, 'connection')}, and of at most ${most}: packets of further ones are dropped.`,
          proof: [
            `net.netfilter.nf_conntrack_count = ${tracked}, net.netfilter.nf_conntrack_max = ${most}`,
            ...(drop === undefined ? [] : [`the kernel of ${host} dropped it: ${drop.reason}`]),
          ],
          // The limit is one for all namespaces of a host.
          mend: mend(
            host,
            task(
              'Keep track of more',
              'sysctl',
              { name: 'net.netfilter.nf_conntrack_max', value: Math.max(4096, 4 * most) },
              '',
            ),
          ),
        },
      ];
    }),
});
