import { dropsOf, placeOf, placeText, sysctlOf } from '../facts.ts';
import { defineCause, type Finding, mend, task } from './cause.ts';

export const cause = defineCause({
  name: 'conntrack-full',
  summary: 'The table of connections is full, so that packets of further ones are dropped.',
  find: (evidence) =>
    evidence.stages.flatMap((stage, index): readonly Finding[] => {
      const { host, netns, direction, iif } = stage;
      const place = placeOf(evidence, stage);
      const [count, most] = ['count', 'max'].map((what) => sysctlOf(place, `net.netfilter.nf_conntrack_${what}`));
      if (count === undefined || most === undefined || most === 0 || count < most) return [];
      const drop = dropsOf(evidence).find(
        (event) => event.host === host && event.netns === netns && event.reason === 'NETFILTER_DROP',
      );
      return [
        {
          stage: index,
          confidence: 'likely',
          host,
          netns,
          device: iif,
          direction,
          sentence: `${placeText(stage)} keeps track of ${count} connections, and of at most ${most}: packets of further ones are dropped.`,
          proof: [
            `net.netfilter.nf_conntrack_count = ${count}, net.netfilter.nf_conntrack_max = ${most}`,
            ...(drop === undefined ? [] : [`the kernel of ${host} dropped it: ${drop.reason}`]),
          ],
          // The limit is one for all namespaces of a host.
          mend: mend(
            host,
            task('Keep track of more', 'sysctl', { name: 'net.netfilter.nf_conntrack_max', value: 4 * most }, ''),
          ),
        },
      ];
    }),
});
