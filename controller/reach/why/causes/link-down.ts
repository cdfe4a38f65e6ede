import { deviceTo, goesAstray } from '../astray.ts';
import type { Evidence, Place } from '../evidence.ts';
import type { Link } from '../evidence-link.ts';
import { departures, isV6, linkOf, placeOf, placeText, sameNetwork } from '../facts.ts';
import { Frames } from '../frame.ts';
import type { Node } from '../node.ts';
import { arrivals, lowerOf, type Port, switchedBy } from '../segment.ts';
import { defineCause, type Finding, mend, task } from './cause.ts';

interface Fault {
  readonly place: Place;
  readonly dev: string;
  readonly what: 'down' | 'no carrier';
}

/** Devices that come with a tunnel's module: nobody put them there, and they are down until somebody sets them up. */
const fallbacks = new Set(
  ['tunl0', 'gre0', 'gretap0', 'erspan0', 'sit0', 'ip_vti0', 'ip6_vti0', 'ip6tnl0', 'ip6gre0'], // fb_tunnels_only_for_init_net
);

/** What is wrong with a device, or with the one below it. */
function faultOf({ places }: Evidence, place: Place | undefined, dev: string | undefined): Fault | undefined {
  const link = linkOf(place, dev);
  if (place === undefined || link === undefined) return undefined;
  const below = lowerOf(places, place, link);
  // A VLAN's device goes down with the one below it, and does not go up before it.
  if (!link.up && (link.kind !== 'vlan' || below?.link.up !== false)) return { place, dev: link.name, what: 'down' };
  if (below !== undefined && !below.link.up) return { place: below.place, dev: below.link.name, what: 'down' };
  const bridge = link.kind === 'veth' && below !== undefined ? switchedBy(below.place, below.link) : undefined;
  if (below !== undefined && bridge?.kind === 'bridge' && !bridge.up)
    return { place: below.place, dev: bridge.name, what: 'down' };
  // Of a bond, its ports tell: bond-no-port.
  if (link.carrier || link.kind === 'bond' || portsOf(place, link).length > 0) return undefined;
  return { place, dev: link.name, what: 'no carrier' };
}

/** A bridge's. It has a carrier while one of them forwards (br_port_state_selection), so what is wrong is with them. */
function portsOf(place: Place, { name, kind }: Link): readonly Link[] {
  return kind === 'bridge' ? place.links.filter(({ master }) => master === name) : [];
}

/** What is wrong with the devices and bridges that a frame goes through: what is down has taken the carrier of others. */
function faultBetween(evidence: Evidence, from: Node | undefined, to: Node | undefined): Fault | undefined {
  const way = from && to && new Frames(evidence.places).way(from, to, 'broadcast');
  const faults = (way?.crossed ?? []).flatMap(({ place, link }) => {
    const above = switchedBy(place, link);
    // Of a bond one port is enough: bond-no-port.
    const devices = above?.kind === 'bond' ? [above] : [link, ...(above === undefined ? [] : [above])];
    return devices.flatMap(({ name }) => faultOf(evidence, place, name) ?? []);
  });
  return faults.find(({ what }) => what === 'down') ?? faults[0];
}

/** True where devices that are all up and have a carrier lead from one to the other: another one that is down is a spare. */
function hasGoodWay({ places }: Evidence, one: Port, other: Port): boolean {
  const alive = places.map((place) => ({ ...place, links: place.links.filter(({ up, carrier }) => up && carrier) }));
  const [from, to] = [one, other].map((port) => nodeOf({ places: alive }, port));
  return from !== undefined && to !== undefined && new Frames(alive).way(from, to, 'broadcast') !== undefined;
}

/** Why a bridge has no carrier, where nobody knows which port the frame would leave by; undefined: its ports' states tell. */
function faultOfBridge(evidence: Evidence, place: Place | undefined, dev: string): Fault | undefined {
  const link = linkOf(place, dev);
  if (place === undefined || link?.kind !== 'bridge' || link.carrier) return undefined;
  const ports = portsOf(place, link);
  const [only, ...others] = ports;
  if (ports.some(({ up, carrier }) => up && carrier)) return undefined;
  const fault = others.length > 0 ? undefined : faultOf(evidence, place, only?.name);
  return fault ?? { place, dev, what: 'no carrier' };
}

/**
 * The device that the packet would take, were it up: routes of a device that is down are gone from the table, and its IPv6
 * addresses are, too. It has that network; or, where it has lost its addresses, it alone hears who has that one; or it is the
 * only way out of a namespace.
 */
function wouldLeaveBy(evidence: Evidence, place: Place, to: string): string | undefined {
  const outward = place.links.filter(({ name }) => name !== 'lo' && !fallbacks.has(name));
  const held = (dev: string) => place.addresses.filter((one) => one.dev === dev && isV6(one.address) === isV6(to));
  const down = outward.filter(({ name, up }) => !up && (isV6(to) || held(name).length > 0)).map(({ name }) => name);
  const near = down.find((dev) => held(dev).some(({ address, prefix }) => sameNetwork(address, to, prefix)));
  if (near !== undefined || down.length === 0) return near;
  if (outward.length === 1) return down[0];
  if (!isV6(to)) return undefined;
  const heard = deviceTo(evidence, place, to);
  return heard !== undefined && down.includes(heard) && held(heard).length === 0 ? heard : undefined;
}

/** ip-link(8) down: fib_sync_down_dev in IPv4, addrconf_ifdown in IPv6 (unless net.ipv6.conf.*.keep_addr_on_down is set). */
const lost =
  'Its routes, and its IPv6 addresses, went when it was taken down: put them on again, or run the playbook again.';

function nodeOf(evidence: Pick<Evidence, 'places'>, port: Port): Node | undefined {
  const place = placeOf(evidence, port);
  const link = linkOf(place, port.dev);
  return place === undefined || link === undefined ? undefined : { place, link };
}

export const cause = defineCause({
  name: 'link-down',
  summary: 'A device on the way is down or has no carrier, or the one below it is.',
  find: (evidence) => {
    const found = (stage: number, fault: Fault | undefined, seen: boolean, beware?: string): readonly Finding[] => {
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
          ...(beware === undefined ? {} : { beware }),
          ...(what === 'down'
            ? { mend: mend(place.host, task(`Set ${dev} up`, 'link', { name: dev, state: 'up' }, place.netns)) }
            : {}),
        },
      ];
    };
    const astray = evidence.stages.flatMap((stage, index) => {
      const place = placeOf(evidence, stage);
      if (place === undefined || !goesAstray(evidence, index)) return [];
      const dev = wouldLeaveBy(evidence, place, stage.to);
      const isNear = place.addresses.some(
        (held) => held.dev === dev && sameNetwork(held.address, stage.to, held.prefix),
      );
      const sure = stage.seen && isNear && stage.lookup.refusal !== undefined;
      return found(index, faultOf(evidence, place, dev), sure, isNear ? undefined : lost);
    });
    const passed = departures(evidence).flatMap(({ index, stage, dev, nextHop }) => {
      const place = placeOf(evidence, stage);
      const here = faultOf(evidence, place, dev);
      if (here !== undefined) return found(index, here, stage.seen);
      const [port] = arrivals(evidence, { ...stage, dev }, nextHop);
      const next = evidence.stages[index + 1];
      const isThere = next?.direction === stage.direction && next.seen;
      if (isThere || (port && hasGoodWay(evidence, { ...stage, dev }, port))) return [];
      const there = port && faultOf(evidence, placeOf(evidence, port), port.dev);
      const between = faultBetween(evidence, nodeOf(evidence, { ...stage, dev }), port && nodeOf(evidence, port));
      return found(index, between ?? there ?? faultOfBridge(evidence, place, dev), false);
    });
    const own = evidence.stages.flatMap((stage, index) => {
      const local = stage.lookup.type === 'local' && stage.iif === undefined;
      return local ? found(index, faultOf(evidence, placeOf(evidence, stage), 'lo'), true) : [];
    });
    return [...astray, ...passed, ...own];
  },
});
