import { type Combined, deviceKey, holdersOf, largerOf, linkOf, placeOf, placeText } from '../seen/facts.ts';
import { defineCause, type Finding, foundAt, mend, task } from './cause.ts';

/** Both count: each that is not 0 is set to it. */
function tasksOf(dev: string, { all, own }: Combined, netns: string): readonly string[] {
  const set = (name: string, key: string) => task(name, 'sysctl', { name: key, value: 0 }, netns);
  return [
    ...(own === 0 ? [] : [set('Answer for every own address', deviceKey(dev, 'arp_ignore'))]),
    ...(all === 0 ? [] : [set('Answer for every own address on all links', 'net.ipv4.conf.all.arp_ignore')]),
  ];
}

export const cause = defineCause({
  name: 'arp-ignore',
  summary: 'arp_ignore keeps a host from saying that an address is its own.',
  find: (evidence) =>
    evidence.stages.flatMap((stage, index) =>
      stage.asked.flatMap((at): readonly Finding[] => {
        const place = placeOf(evidence, at);
        const setting = largerOf(place, at.iif, 'arp_ignore');
        const address = stage.lookup.gateway ?? stage.to;
        const onDevice = place?.addresses.some((held) => held.dev === at.iif && held.address === address);
        if (setting === undefined || at.lookup.refusal !== undefined) return [];
        const { all, own, effective } = setting;
        if (!(effective === 8 || (effective >= 1 && effective <= 2 && !onDevice))) return [];
        const { host, netns, iif } = at;
        const why = effective === 8 ? 'it answers for no address' : `${address} is not on ${iif} itself`;
        return [
          {
            ...foundAt({ index, stage, place: at, dev: iif }, 'likely'),
            sentence: `${placeText(at)} does not answer on ${iif} who has ${address}: arp_ignore is max(conf.all=${all}, conf.${iif}=${own}) = ${effective}, and ${why}.`,
            proof: [
              `${placeText(stage)} asked on ${stage.lookup.dev} and was not answered`,
              `${address} is on ${place?.addresses.find((held) => held.address === address)?.dev} of ${placeText(at)}`,
            ],
            ...(all === 0
              ? {}
              : { beware: `0 on ${iif} alone changes nothing: conf.all is ${all}, and the larger one counts.` }),
            // One of several that have it keeps still on purpose.
            ...(linkOf(place, iif) === undefined || (all !== 0 && holdersOf(evidence, address).length > 1)
              ? {}
              : { mend: mend(host, ...tasksOf(iif, setting, netns)) }),
          },
        ];
      }),
    ),
});
