import { PacketEvent_Kind as Kind, type PacketEvent } from '../../../../proto/gen/orch/v1/agent.ts';
import { etherTypes } from './filter.ts';
import type { WatchedFlow } from './flow.ts';
import { addressText, type Header, isEcho, readArp, readIp } from './header.ts';
import { checked, checking, drop, type Place, placesOf } from './places.ts';
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
  return [...seen].sort((a, b) => a.us - b.us).flatMap((one) => follower.take(one) ?? []);
}

type Belonging = 'flow' | 'about' | 'neighbour';

class Follower {
  private readonly followed: Followed;
  private readonly places: ReadonlyMap<string, Place>;
  /** Packets of the flow by their address in memory, which is another's once they are gone. */
  private readonly packets = new Map<string, PacketEvent>();
  /** On each CPU, the packet whose source is being checked; undefined: it is none of the flow's. */
  private readonly checks = new Map<number, Sighting>();

  constructor(followed: Followed) {
    this.followed = followed;
    this.places = new Map([...placesOf(followed.flow.family), checked].map((place) => [place.event, place]));
  }

  take(seen: Sighting): PacketEvent | undefined {
    if (seen.event === drop.event) return this.dropped(seen);
    if (seen.event === checking.event) {
      this.checks.set(seen.cpu, seen);
      return undefined;
    }
    if (seen.event === checked.event && seen.packet === '') return this.answered(seen);
    const place = this.places.get(seen.event);
    return place === undefined ? undefined : this.passed(seen, place);
  }

  /** An answer that does not say to what: on its CPU, the check before it (neither can be interrupted by another). */
  private answered({ cpu, us, result }: Sighting): PacketEvent | undefined {
    const asked = this.checks.get(cpu);
    this.checks.delete(cpu);
    return asked === undefined ? undefined : this.passed({ ...asked, us, result }, checked);
  }

  private passed(seen: Sighting, place: Place): PacketEvent | undefined {
    const isArp = place.only === 'arp' || (place.only === undefined && seen.protocol === etherTypes.arp);
    const header = isArp ? readArp(seen.head) : readIp(seen.head);
    if (header === undefined) return undefined;
    const { packet } = seen;
    const belonging = this.belonging(header) ?? this.translated(header, packet, seen.us);
    if (belonging === undefined) {
      this.packets.delete(packet);
      return undefined;
    }
    const event = eventOf(seen, place.kind, header, belonging);
    const before = this.packets.get(packet);
    this.packets.set(packet, event);
    if (place.kind === Kind.SOURCE_CHECK && event.result >= 0) return undefined;
    // IP takes it from the device that was seen already, unless one on top of that took it in between.
    if (place.event === 'input' && before?.kind === Kind.RECEIVE && sameDevice(before, event)) return undefined;
    return event;
  }

  private dropped(seen: Sighting): PacketEvent | undefined {
    const { packet, us, head, location, device, netnsInode } = seen;
    const known = this.packets.get(packet);
    this.packets.delete(packet);
    const header = seen.protocol === etherTypes.arp ? readArp(head) : readIp(head);
    const belonging = header && (this.belonging(header) ?? (known && this.translated(header, packet, us, known)));
    const reason = this.followed.reasons.get(seen.reason) ?? String(seen.reason);
    if (header !== undefined && belonging !== undefined) {
      return { ...eventOf(seen, Kind.DROP, header, belonging), reason, location };
    }
    // What its bytes don't say, its way does; unless they say that it is another by now.
    if (header !== undefined || known === undefined || us - known.monotonicUs > waitsUs) return undefined;
    return { ...known, device, netnsInode, kind: Kind.DROP, monotonicUs: us, reason, location, result: 0 };
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
  const { us, device, netnsInode, packet, result } = seen;
  const { protocol, arp, type, code, ident, sequence, ttl, length } = header;
  return {
    ...{ monotonicUs: us, kind, device, netnsInode },
    ...{ from: addressText(header.from), to: addressText(header.target ?? header.to) },
    ...{ protocol, arp, type, code, ident, sequence, about: belonging === 'about', ttl, length },
    ...{ packet, reason: '', location: '', result },
  };
}

function sameDevice(a: PacketEvent, b: PacketEvent): boolean {
  return a.device === b.device && a.netnsInode === b.netnsInode;
}
