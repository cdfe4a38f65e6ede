import type { Evidence, Place } from '../seen/evidence.ts';
import type { Link } from '../seen/evidence-link.ts';
import { departures, dropsOf, holdersOf, isV6, linkOf, neighbourState, placeOf, placeText } from '../seen/facts.ts';
import { defineCause, type Finding, mend, task } from './cause.ts';

interface Off {
  readonly place: Place;
  readonly link: Link;
  readonly what: string;
}

function offAt(place: Place | undefined, dev: string, what: string): readonly Off[] {
  const link = linkOf(place, dev);
  return place === undefined || link?.noArp === undefined ? [] : [{ place, link, what }];
}

/** The device that does not ask (arp_constructor, ndisc_constructor), and those that do not answer (arp_rcv). */
function devicesOff(evidence: Evidence): readonly (Off & Pick<Finding, 'stage' | 'direction'>)[] {
  return departures(evidence).flatMap(({ index, stage, dev, nextHop }) => {
    if (evidence.stages[index + 1]?.seen === true) return [];
    const place = placeOf(evidence, stage);
    const isSet = place?.neighbours.some(
      (entry) => entry.dev === dev && entry.address === nextHop && entry.state === 'PERMANENT',
    );
    const asks = isSet === true ? [] : offAt(place, dev, 'asks for no MAC and sends to its own');
    const silent = !isV6(nextHop) && neighbourState(place, dev, nextHop) === 'silent';
    const answers = (silent ? holdersOf(evidence, nextHop) : []).flatMap((holder) =>
      offAt(holder.place, holder.dev, `does not answer who has ${nextHop}`),
    );
    return [...asks, ...answers].map((off) => ({ ...off, stage: index, direction: stage.direction }));
  });
}

export const cause = defineCause({
  name: 'arp-off',
  summary: 'A device on the way has ARP switched off: it neither asks for MACs nor answers.',
  find: (evidence) =>
    devicesOff(evidence).map(({ place, link, what, stage, direction }): Finding => {
      const { host, netns } = place;
      const drop = dropsOf(evidence).find((event) => event.direction === direction && !event.asks && !event.about);
      return {
        stage,
        confidence: drop === undefined ? 'likely' : 'certain',
        host,
        netns,
        device: link.name,
        direction,
        sentence: `${link.name} of ${placeText(place)} has ARP switched off: it ${what}.`,
        proof: [
          `ip link show ${link.name} in ${placeText(place)}: NOARP`,
          ...(drop === undefined
            ? []
            : [`the kernel of ${drop.host} dropped it on ${drop.dev}: ${drop.reason} in ${drop.location}`]),
        ],
        mend: mend(host, task('Switch ARP on', 'link', { name: link.name, arp: true }, netns)),
      };
    }),
});
