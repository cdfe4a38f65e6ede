import type { Evidence, Place, Stage } from '../evidence.ts';
import type { Link } from '../evidence-link.ts';
import { arrives, departures, isV6, linkOf, placeOf, placeText, sameNetwork } from '../facts.ts';
import { arrivals, lowerOf } from '../segment.ts';
import { defineCause, type Finding, mend, task } from './cause.ts';

interface Fault {
  readonly place: Place;
  readonly dev: string;
  readonly what: 'down' | 'no carrier';
}

/** What is wrong with a device, or with the one below it. */
function faultOf({ places }: Evidence, place: Place | undefined, dev: string | undefined): Fault | undefined {
  const link = linkOf(place, dev);
  if (place === undefined || link === undefined) return undefined;
  if (!link.up) return { place, dev: link.name, what: 'down' };
  const below = lowerOf(places, place, link);
  if (below !== undefined && !below.link.up) return { place: below.place, dev: below.link.name, what: 'down' };
  // Of a bond, its ports tell: bond-no-port.
  if (link.carrier || link.kind === 'bond' || portsOf(place, link).length > 0) return undefined;
  return { place, dev: link.name, what: 'no carrier' };
}

/** A bridge's. It has a carrier while one of them forwards (br_port_carrier_check), so what is wrong is with them. */
function portsOf(place: Place, { name, kind }: Link): readonly Link[] {
  return kind === 'bridge' ? place.links.filter(({ master }) => master === name) : [];
}

/** What keeps the ports of a bridge without a carrier from forwarding: of the first one that has a fault. */
function faultOfPorts(evidence: Evidence, place: Place | undefined, dev: string): Fault | undefined {
  const link = linkOf(place, dev);
  if (place === undefined || link === undefined || link.carrier) return undefined;
  const faults = portsOf(place, link).map(({ name }) => faultOf(evidence, place, name));
  return faults.find((fault) => fault !== undefined);
}

/**
 * The device that the packet would take, were it up: routes of a device that is down are gone from the table. It is the one of
 * that network, or the only way out of a namespace.
 */
function wouldLeaveBy(place: Place | undefined, to: string): string | undefined {
  const outward = place?.links.filter(({ name }) => name !== 'lo') ?? [];
  const down = place?.addresses.filter(({ dev }) => outward.some(({ name, up }) => name === dev && !up)) ?? [];
  const near = down.find(({ address, prefix }) => sameNetwork(address, to, prefix));
  const only = outward.length === 1 ? down.find(({ address }) => isV6(address) === isV6(to)) : undefined;
  return (near ?? only)?.dev;
}

export const cause = defineCause({
  name: 'link-down',
  summary: 'A device on the way is down or has no carrier, or the one below it is.',
  find: (evidence) => {
    const found = (stage: number, fault: Fault | undefined, seen: boolean): readonly Finding[] => {
      if (fault === undefined) return [];
      const { place, dev, what } = fault;
      const direction = evidence.stages[stage]?.direction ?? 'request';
      const said = what === 'down' ? 'is down' : 'is up, but has no carrier: its other end is down or not connected';
      return [
        {
          stage,
          confidence: seen ? 'certain' : 'likely',
          host: place.host,
          netns: place.netns,
          device: dev,
          direction,
          sentence: `${dev} of ${placeText(place)} ${said}, and the ${direction} would go by it.`,
          proof: [`ip link show ${dev} in ${placeText(place)}: ${what === 'down' ? 'no UP' : 'NO-CARRIER'}`],
          ...(what === 'down'
            ? { mend: mend(place.host, task(`Set ${dev} up`, 'link', { name: dev, state: 'up' }, place.netns)) }
            : {}),
        },
      ];
    };
    const goesAstray = ({ direction, lookup, to }: Stage) =>
      lookup.refusal !== undefined ||
      (lookup.gateway !== undefined && lookup.gateway !== to && !arrives(evidence, direction));
    const astray = evidence.stages.flatMap((stage, index) => {
      if (!goesAstray(stage)) return [];
      const place = placeOf(evidence, stage);
      const certain = stage.seen && stage.lookup.refusal !== undefined;
      return found(index, faultOf(evidence, place, wouldLeaveBy(place, stage.to)), certain);
    });
    const passed = departures(evidence).flatMap(({ index, stage, dev, nextHop }) => {
      const place = placeOf(evidence, stage);
      const here = faultOf(evidence, place, dev);
      if (here !== undefined) return found(index, here, stage.seen);
      const [port] = arrivals(evidence, { ...stage, dev }, nextHop);
      const there = port && faultOf(evidence, placeOf(evidence, port), port.dev);
      return found(index, there ?? faultOfPorts(evidence, place, dev), false);
    });
    const own = evidence.stages.flatMap((stage, index) => {
      const local = stage.lookup.type === 'local' && stage.iif === undefined;
      return local ? found(index, faultOf(evidence, placeOf(evidence, stage), 'lo'), true) : [];
    });
    return [...astray, ...passed, ...own];
  },
});
