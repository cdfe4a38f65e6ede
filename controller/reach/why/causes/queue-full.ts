import { dropsOf, packetLength, placeText } from '../seen/facts.ts';
import { crossings } from '../way/crossings.ts';
import { defineCause, type Finding, foundAt } from './cause.ts';

/** Bytes. */
const ethernetHeader = 14;

export const cause = defineCause({
  name: 'queue-full',
  summary: 'The queueing discipline of a device on the way drops what is over its rate or limit.',
  general: true,
  find: (evidence) =>
    crossings(evidence)
      .filter(({ goes }) => goes === 'out')
      .flatMap(({ place, link, index, stage }): readonly Finding[] => {
        const [qdisc] = place.qdiscs.filter(
          ({ dev, drops, kind }) => dev === link.name && drops > 0 && kind !== 'ingress' && kind !== 'clsact',
        );
        if (qdisc === undefined) return [];
        const dropped = dropsOf(evidence).find(
          ({ host, netns, dev, reason }) =>
            host === place.host && netns === place.netns && dev === link.name && /^QDISC_/.test(reason),
        );
        // Each drops now and then, for other traffic; tbf drops all frames that are larger than its burst (tbf_enqueue).
        const tooLarge = qdisc.burst !== undefined && packetLength(evidence) + ethernetHeader > qdisc.burst;
        if (dropped === undefined && !tooLarge) return [];
        return [
          {
            ...foundAt({ index, stage, place, dev: link.name }, dropped === undefined ? 'likely' : 'certain'),
            sentence: `${qdisc.kind}, the queueing discipline of ${link.name} of ${placeText(place)}, drops packets: they are larger than its burst or over its limit.`,
            proof: [
              ...(dropped === undefined
                ? []
                : [`the kernel of ${place.host} dropped it on ${link.name}: ${dropped.reason} in ${dropped.location}`]),
              `tc -s qdisc show dev ${link.name} in ${placeText(place)}: ${qdisc.kind}, ${qdisc.drops} dropped since it was made`,
            ],
          },
        ];
      }),
});
