import { PacketEvent_Kind as Kind, type PacketEvent } from '../../../../proto/gen/orch/v1/agent.ts';
import { etherTypes } from './filter.ts';
import type { WatchedFlow } from './flow.ts';
import { addressText, type Header, isEcho, readArp, readIp } from './header.ts';
import { drop, type Place, placesOf } from './places.ts';
import type { Sighting } from './sighting.ts';

/** How long a packet is taken for the same while its address is, although its addresses are others: NAT or a tunnel. */
const sameUs = 100_000;
/** How long a packet may wait to be dropped: a queue, or for a neighbour. */
const waitsUs = 10_000_000;

export interface Followed {
  readonly flow: WatchedFlow;
  /** Identifier of the probe's echo requests, or its source port; 0: whichever. */
  readonly ident: number;
  /** Names of drop reasons on this kernel. */
  readonly reasons: ReadonlyMap<number, string>;
}

/** The events that are the flow's, out of all that were seen, in the order of time. */
export function follow(seen: readonly Sighting[], followed: Followed): readonly PacketEvent[] {
  const follower = new Follower(followed);
  return [...seen].sort((a, b) => a.us - b.us).flatMap((one) => follower.take(one));
}

/** Where IP has a packet, with the device that it came in by. */
const ofIp: ReadonlySet<Kind> = new Set([Kind.FORWARD, Kind.DELIVER, Kind.SOURCE_CHECK]);

type Belonging = 'flow' | 'about' | 'neighbour';

class Follower {
  private readonly followed: Followed;
  private readonly places: ReadonlyMap<string, Place>;
  /** Packets of the flow by their address in memory, which is another's once they are gone. */
  private readonly packets = new Map<string, PacketEvent>();

  constructor(followed: Followed) {
    this.followed = followed;
    this.places = new Map(placesOf(followed.flow).map((place) => [place.event, place]));
  }

  take(seen: Sighting): readonly PacketEvent[] {
    const place = this.places.get(seen.event);
    if (place !== undefined) return this.passed(seen, place);
    return seen.event === drop.event ? this.dropped(seen) : [];
  }

  private passed(seen: Sighting, place: Place): readonly PacketEvent[] {
    const isArp = place.only === 'arp' || (place.only === undefined && seen.protocol === etherTypes.arp);
    const header = isArp ? readArp(seen.head) : readIp(seen.head);
    if (header === undefined) return [];
    const { packet } = seen;
    const before = this.packets.get(packet);
    const belonging = this.belonging(header) ?? this.translated(header, packet, seen.us);
    if (belonging === undefined) {
      this.packets.delete(packet);
      return [];
    }
    const event = eventOf(seen, place.kind, header, belonging);
    this.packets.set(packet, event);
    return ofIp.has(place.kind) ? withArrival(event, before) : [event];
  }

  private dropped(seen: Sighting): readonly PacketEvent[] {
    const { packet, us, head, location, device, netnsInode } = seen;
    const before = this.packets.get(packet);
    this.packets.delete(packet);
    const header = seen.protocol === etherTypes.arp ? readArp(head) : readIp(head);
    const belonging = header && (this.belonging(header) ?? (before && this.translated(header, packet, us, before)));
    const reason = this.followed.reasons.get(seen.reason) ?? String(seen.reason);
    const cameIn = /^ip6?_/.test(location) || before?.netnsInode !== netnsInode;
    if (header !== undefined && belonging !== undefined) {
      const event = { ...eventOf(seen, Kind.DROP, header, belonging), reason, location };
      // Elsewhere a device may be the one that it would have left by: a port of a switch.
      return cameIn ? withArrival(event, before) : [event];
    }
    // What its bytes don't say, its way does; unless they say that it is another by now.
    if (header !== undefined || before === undefined || us - before.monotonicUs > waitsUs) return [];
    return [{ ...before, device, netnsInode, kind: Kind.DROP, monotonicUs: us, reason, location }];
  }

  private belonging(header: Header): Belonging | undefined {
    const { neighbours } = this.followed.flow;
    const isNeighbour = (address: Buffer | undefined) =>
      address !== undefined && neighbours.some((one) => one.equals(address));
    // A request asks for its target, a reply tells its sender.
    if (header.arp) return isNeighbour(header.type === 1 ? header.to : header.from) ? 'neighbour' : undefined;
    if (header.target !== undefined) return isNeighbour(header.target) ? 'neighbour' : undefined;
    if (header.quoted !== undefined) return this.isFlow(header.quoted) ? 'about' : undefined;
    return this.isFlow(header) ? 'flow' : undefined;
  }

  private isFlow(header: Header): boolean {
    const { flow, ident } = this.followed;
    if (header.protocol !== flow.protocol) return false;
    const there = header.from.equals(flow.from) && header.to.equals(flow.to);
    const back = header.from.equals(flow.to) && header.to.equals(flow.from);
    if (!there && !back) return false;
    if (header.laterFragment) return true;
    if (header.isBare) return header.length === flow.bytes;
    const mine = (value: number) => ident === 0 || value === ident;
    if (flow.port === 0) return isEcho(header.protocol, header.type) && mine(header.ident);
    const forth = there && header.sequence === flow.port && mine(header.ident);
    return forth || (back && header.ident === flow.port && mine(header.sequence));
  }

  /** A packet of the flow a moment ago, of which one address has become another. */
  private translated(
    header: Header,
    packet: string,
    us: number,
    known = this.packets.get(packet),
  ): Belonging | undefined {
    if (known === undefined || header.arp || us - known.monotonicUs > sameUs || header.protocol !== known.protocol)
      return undefined;
    const same = addressText(header.from) === known.from || addressText(header.to) === known.to;
    return same && header.length === known.length ? (known.about ? 'about' : 'flow') : undefined;
  }
}

function eventOf(seen: Sighting, kind: Kind, header: Header, belonging: Belonging): PacketEvent {
  const { us, device, netnsInode, packet } = seen;
  const { protocol, arp, type, code, ident, sequence, ttl, length } = header;
  return {
    ...{ monotonicUs: us, kind, device, netnsInode },
    ...{ from: addressText(header.from), to: addressText(header.target ?? header.to) },
    ...{ protocol, arp, type, code, ident, sequence, about: belonging === 'about', ttl, length },
    ...{ packet, reason: '', location: '', result: 0 },
  };
}

/** A device on top of another takes a packet from that without a word; it did where the packet is told of by it next. */
function withArrival(event: PacketEvent, before: PacketEvent | undefined): readonly PacketEvent[] {
  if (before?.kind !== Kind.RECEIVE || sameDevice(before, event)) return [event];
  return [{ ...event, kind: Kind.RECEIVE, reason: '', location: '' }, event];
}

function sameDevice(a: PacketEvent, b: PacketEvent): boolean {
  return a.device === b.device && a.netnsInode === b.netnsInode;
}
