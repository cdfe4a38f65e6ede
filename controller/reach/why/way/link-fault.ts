import type { Evidence, Place } from '../seen/evidence.ts';
import type { Link } from '../seen/evidence-link.ts';
import { linkOf, placeOf } from '../seen/facts.ts';
import type { Node } from '../seen/node.ts';
import { Frames } from './frame.ts';
import { arrivals, lowerOf, type Port, switchedBy } from './segment.ts';

export interface Fault {
  readonly place: Place;
  readonly dev: string;
  readonly what: 'down' | 'no carrier';
}

/** What is wrong with a device, or with the one below it. */
export function faultOf({ places }: Evidence, place: Place | undefined, dev: string | undefined): Fault | undefined {
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

/** What keeps a frame that leaves by a device from its next hop: the first of what is down on its way, or lacks a carrier. */
export function faultBeyond(evidence: Evidence, from: Port, nextHop: string, to: string): Fault | undefined {
  const place = placeOf(evidence, from);
  const [port] = arrivals(evidence, from, nextHop, to);
  if (port === undefined) return faultOfBridge(evidence, place, from.dev);
  if (hasGoodWay(evidence, from, port)) return undefined;
  const between = faultBetween(evidence, nodeOf(evidence, from), nodeOf(evidence, port));
  return between ?? faultOf(evidence, placeOf(evidence, port), port.dev) ?? faultOfBridge(evidence, place, from.dev);
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

function nodeOf(evidence: Pick<Evidence, 'places'>, port: Port): Node | undefined {
  const place = placeOf(evidence, port);
  const link = linkOf(place, port.dev);
  return place === undefined || link === undefined ? undefined : { place, link };
}
