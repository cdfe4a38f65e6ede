import type { Evidence, Place } from '../seen/evidence.ts';
import { dropsOf, placeText, wasPassed } from '../seen/facts.ts';
import { flowList, quoted } from '../seen/flow.ts';
import { type Crossing, crossings } from '../way/crossings.ts';
import { defineCause, type Finding, foundAt, mend, task } from './cause.ts';

/** Where the kernel says that a filter of tc dropped a packet (6.3 and later). */
const reasons = /^TC_(INGRESS|EGRESS)$/;

function sees({ goes, link }: Crossing, { dev, at }: Place['filters'][number]): boolean {
  return dev === link.name && (at === 'ingress') === (goes === 'in');
}

const behindIngress = ['source-check', 'forward', 'deliver', 'transmit'];

/** True where it was seen where only what passed tc at ingress comes. */
function wasTaken({ events }: Evidence, { place, stage }: Crossing): boolean {
  return events.some(
    ({ host, netns, kind, direction, asks, about }) =>
      [host === place.host, netns === place.netns, direction === stage.direction, !asks, !about].every(Boolean) &&
      behindIngress.includes(kind),
  );
}

export const cause = defineCause({
  name: 'tc-drop',
  summary: 'A filter of tc on a device of the way drops the packet, by itself or because it is over a rate.',
  find: (evidence) =>
    crossings(evidence).flatMap((crossing): readonly Finding[] => {
      const { place, link, index, stage, goes } = crossing;
      const dropped = dropsOf(evidence).find(
        ({ host, netns, dev, reason }) =>
          host === place.host && netns === place.netns && dev === link.name && reasons.test(reason),
      );
      // Who gets it is seen before tc of its device is asked (__netif_receive_skb_core).
      const isPassed =
        goes === 'in' ? wasTaken(evidence, crossing) || wasPassed(evidence, index + 1) : wasPassed(evidence, index);
      if (dropped === undefined && isPassed) return [];
      const filters = place.filters.filter((filter) => sees(crossing, filter) && (filter.grown ?? filter.drops) > 0);
      return filters.map(({ dev, at, kind, pref, protocol, action, drops, grown }): Finding => {
        const name = `filter ${kind} pref ${pref} at ${at} of ${dev}`;
        return {
          ...foundAt(
            { index, stage, place, dev },
            dropped !== undefined && filters.length === 1 ? 'certain' : 'likely',
          ),
          sentence: `tc in ${placeText(place)} drops packets by ${name}: ${action === 'police' ? 'they are over the rate that police allows' : 'its action is drop'}.`,
          proof: [
            ...(dropped === undefined
              ? []
              : [`the kernel of ${place.host} dropped it on ${dev}: ${dropped.reason} in ${dropped.location}`]),
            `tc -s filter show dev ${dev} ${at} in ${placeText(place)}: ${kind} pref ${pref} ${action}, ${grown ?? drops} dropped ${grown === undefined ? 'since it was made' : 'while the probe was under way'}`,
          ],
          mend: mend(
            place.host,
            task(
              'Take the filter away',
              'command',
              {
                argv: flowList(
                  ...'tc filter del dev'.split(' '),
                  dev,
                  at,
                  'pref',
                  quoted(String(pref)),
                  'protocol',
                  protocol,
                ),
              },
              place.netns,
            ),
          ),
        };
      });
    }),
});
