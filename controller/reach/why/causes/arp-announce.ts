import { deviceKey, largerOf, placeOf, placeText, sameNetwork } from '../seen/facts.ts';
import { defineCause, type Finding, foundAt, mend, task } from './cause.ts';

/** arp_ignore 2: only who asks from an address of the same network is answered (Documentation/networking/ip-sysctl.rst). */
const sameNetworkOnly = 2;

export const cause = defineCause({
  name: 'arp-announce',
  summary: 'A host asks for a MAC on behalf of an address that the other takes for none of that network.',
  find: (evidence) =>
    evidence.stages.flatMap((stage, index) =>
      stage.asked.flatMap((at): readonly Finding[] => {
        const { host, netns, from, to, lookup } = stage;
        const dev = lookup.dev ?? '';
        const place = placeOf(evidence, stage);
        const announce = largerOf(place, dev, 'arp_announce');
        const ignore = largerOf(placeOf(evidence, at), at.iif, 'arp_ignore');
        const address = lookup.gateway ?? to;
        const held = placeOf(evidence, at)?.addresses.find((own) => own.dev === at.iif && own.address === address);
        // What it forwards, it asks for from an address of its own choice.
        const isOwn = place?.addresses.some((own) => own.address === from);
        if (!isOwn || announce === undefined || ignore?.effective !== sameNetworkOnly || held === undefined) return [];
        if (announce.effective >= 2 || sameNetwork(from, address, held.prefix)) return [];
        const key = deviceKey(dev, 'arp_announce');
        return [
          {
            ...foundAt({ index, stage, dev }, 'likely'),
            sentence: `${placeText(stage)} asks on ${dev} who has ${address} from ${from}, and ${placeText(at)} answers only who asks from ${held.address}/${held.prefix}: arp_ignore is max(conf.all=${ignore.all}, conf.${at.iif}=${ignore.own}) = 2 there, and arp_announce here is ${announce.effective}.`,
            proof: [`${placeText(stage)} asked on ${dev} and was not answered`],
            mend: mend(host, task('Ask from an address of the network', 'sysctl', { name: key, value: 2 }, netns)),
          },
        ];
      }),
    ),
});
