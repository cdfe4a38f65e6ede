import type { Evidence, Place, Stage } from '../evidence.ts';
import type { Link } from '../evidence-link.ts';
import { arrives, departures, holdersOf, isV6, linkOf, placeOf, placeText, sameNetwork } from '../facts.ts';
import { arrivals, lowerOf, Segments } from '../segment.ts';
import { defineCause, type Finding, mend, task } from './cause.ts';

interface Fault {
  readonly place: Place;
  readonly dev: string;
  readonly what: 'down' | 'no carrier';
}

/** addrconf_ifdown, net/ipv6/addrconf.c; unless net.ipv6.conf.*.keep_addr_on_down is set. */
const lostAddresses = 'Its IPv6 addresses went when it was taken down: put them on again, or run the playbook again.';

function hasV6(place: Place, device: string): boolean {
  return place.addresses.some(({ address, dev }) => dev === device && isV6(address));
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
 * The device that the packet would take, were it up: routes of a device that is down are gone from the table, and its IPv6
 * addresses are, too. It has that network, or hears who has the address, or is the only way out of a namespace.
 */
function wouldLeaveBy(evidence: Evidence, place: Place, to: string): string | undefined {
  const outward = place.links.filter(({ name }) => name !== 'lo');
  const isDown = (dev: string) => outward.some(({ name, up }) => name === dev && !up);
  const near = place.addresses.find(({ address, prefix, dev }) => isDown(dev) && sameNetwork(address, to, prefix));
  const heard = holdersOf(evidence, to).flatMap((holder) =>
    new Segments(evidence.places).heardIn(place, { ...holder.place, dev: holder.dev }),
  );
  return near?.dev ?? heard.find(isDown) ?? (outward.length === 1 ? outward[0]?.name : undefined);
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
          ...(what === 'down' && isV6(evidence.question.to) && !hasV6(place, dev) ? { beware: lostAddresses } : {}),
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
      const place = placeOf(evidence, stage);
      if (place === undefined || !goesAstray(stage)) return [];
      const certain = stage.seen && stage.lookup.refusal !== undefined;
      return found(index, faultOf(evidence, place, wouldLeaveBy(evidence, place, stage.to)), certain);
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
