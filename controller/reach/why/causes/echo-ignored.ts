import { isV6, placeOf, placeText, sysctlOf } from '../seen/facts.ts';
import { defineCause, type Finding, foundAt, mend, task } from './cause.ts';

export const cause = defineCause({
  name: 'echo-ignored',
  summary: 'The other end is told not to answer pings.',
  find: (evidence) =>
    evidence.stages.flatMap((stage, index): readonly Finding[] => {
      const { host, netns, direction, lookup, to } = stage;
      if (evidence.question.protocol !== 'icmp' || direction !== 'request' || lookup.type !== 'local') return [];
      const key = isV6(to) ? 'net.ipv6.icmp.echo_ignore_all' : 'net.ipv4.icmp_echo_ignore_all';
      if (sysctlOf(placeOf(evidence, stage), key) !== 1) return [];
      const delivered = evidence.events.some(
        (event) =>
          event.kind === 'deliver' && event.direction === 'request' && event.host === host && event.netns === netns,
      );
      return [
        {
          ...foundAt({ index, stage, dev: stage.iif }, delivered ? 'certain' : 'likely'),
          sentence: `${placeText(stage)} does not answer pings: ${key} is 1.`,
          proof: [`${key} = 1`, ...(delivered ? ['the request was delivered there, and no reply left'] : [])],
          mend: mend(host, task('Answer pings', 'sysctl', { name: key, value: 0 }, netns)),
        },
      ];
    }),
});
