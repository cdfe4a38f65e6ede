import { deviceKey, largerOf, placeOf, placeText } from '../seen/facts.ts';
import { defineCause, type Finding, foundAt, mend, task } from './cause.ts';

export const cause = defineCause({
  name: 'arp-filter',
  summary: 'arp_filter keeps a host from answering ARP on a device that the way back does not leave by.',
  find: (evidence) =>
    evidence.stages.flatMap((stage, index) =>
      stage.asked.flatMap((at): readonly Finding[] => {
        const { host, netns, iif } = at;
        const place = placeOf(evidence, at);
        const setting = largerOf(place, iif, 'arp_filter');
        const backBy = at.back?.dev;
        if (setting === undefined || setting.effective === 0 || at.lookup.refusal !== undefined) return [];
        if (backBy === undefined || backBy === iif) return [];
        const { all, own } = setting;
        const address = stage.lookup.gateway ?? stage.to;
        const key = deviceKey(own === 1 ? iif : 'all', 'arp_filter');
        return [
          {
            ...foundAt({ index, stage, place: at, dev: iif }, 'likely'),
            sentence: `${placeText(at)} does not answer on ${iif} who has ${address}: arp_filter is on (conf.all=${all}, conf.${iif}=${own}), and its route to ${stage.from} leaves by ${backBy}.`,
            proof: [`${placeText(stage)} asked on ${stage.lookup.dev} and was not answered`],
            mend: mend(host, task('Answer ARP whichever way the reply goes', 'sysctl', { name: key, value: 0 }, netns)),
          },
        ];
      }),
    ),
});
