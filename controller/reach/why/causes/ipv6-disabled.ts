import { deviceKey, isV6, placeOf, placeText, sysctlOf } from '../facts.ts';
import { defineCause, type Finding, mend, task } from './cause.ts';

export const cause = defineCause({
  name: 'ipv6-disabled',
  summary: 'A namespace on the way has IPv6 switched off, altogether or on a device.',
  find: (evidence) =>
    evidence.stages.flatMap((stage, index): readonly Finding[] => {
      const { host, netns, direction, to, lookup } = stage;
      const place = placeOf(evidence, stage);
      if (place === undefined || !isV6(to) || lookup.refusal === undefined) return [];
      const key = ['all', ...place.links.map(({ name }) => name).filter((name) => name !== 'lo')]
        .map((name) => deviceKey(name, 'disable_ipv6', 'ipv6'))
        .find((name) => sysctlOf(place, name) === 1);
      if (key === undefined) return [];
      return [
        {
          stage: index,
          confidence: 'likely',
          host,
          netns,
          direction,
          sentence: `${placeText(stage)} has IPv6 switched off: ${key} is 1.`,
          proof: [`ip route get ${to} in ${placeText(stage)}: ${lookup.refusal}`, `${key} = 1`],
          beware: 'Its IPv6 addresses went when it was switched off: put them on again, or run the playbook again.',
          mend: mend(host, task('Switch IPv6 on', 'sysctl', { name: key, value: 0 }, netns)),
        },
      ];
    }),
});
