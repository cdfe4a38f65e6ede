import type { Evidence, Place } from '../seen/evidence.ts';
import type { Link } from '../seen/evidence-link.ts';
import { departures, linkOf, placeOf, placeText } from '../seen/facts.ts';
import { arrivals, lowerOf } from '../way/segment.ts';
import { defineCause, type Finding, mend, task } from './cause.ts';

/** Why a bond does not use a port; undefined: it does. */
function unused({ up, carrier, bondPort }: Link): string | undefined {
  if (!up) return 'down';
  if (!carrier) return 'no carrier';
  return bondPort?.monitored === 'DOWN' ? 'found dead by link monitoring' : undefined;
}

/** What takes up a port again: itself, or its other end. */
function mendOf({ places }: Evidence, place: Place, ports: readonly Link[]) {
  for (const port of ports) {
    const peer = port.kind === 'veth' ? lowerOf(places, place, port) : undefined;
    const down = port.up ? peer : { place, link: port };
    if (down === undefined || down.link.up) continue;
    const { host, netns } = down.place;
    return {
      mend: mend(host, task(`Set ${down.link.name} up`, 'link', { name: down.link.name, state: 'up' }, netns)),
    };
  }
  return {};
}

export const cause = defineCause({
  name: 'bond-no-port',
  summary: 'A bond on the way has no port that works.',
  find: (evidence) => {
    const found = (index: number, place: Place | undefined, dev: string): readonly Finding[] => {
      const bond = linkOf(place, dev);
      if (place === undefined || bond?.kind !== 'bond') return [];
      const ports = place.links.filter(({ master }) => master === bond.name);
      const states = ports.map((port) => ({ name: port.name, why: unused(port) }));
      if (states.some(({ why }) => why === undefined)) return [];
      const list = states.map(({ name, why }) => `${name} (${why})`).join(', ');
      const { direction = 'request' } = evidence.stages[index] ?? {};
      return [
        {
          stage: index,
          confidence: 'likely',
          host: place.host,
          netns: place.netns,
          device: bond.name,
          direction,
          sentence: `${bond.name} of ${placeText(place)} has ${ports.length === 0 ? 'no ports' : `no port that works: ${list}`}, and the ${direction} would go by it.`,
          proof: [`ip -d link show master ${bond.name} in ${placeText(place)}: ${list || 'nothing'}`],
          ...mendOf(evidence, place, ports),
        },
      ];
    };
    // The other end of cables that are down has no carrier: that is one fault.
    return departures(evidence).flatMap(({ index, stage, dev, nextHop }) => {
      const own = found(index, placeOf(evidence, stage), dev);
      if (own.length > 0) return own;
      const [port] = arrivals(evidence, { ...stage, dev }, nextHop, stage.to);
      return port === undefined ? [] : found(index, placeOf(evidence, port), port.dev);
    });
  },
});
