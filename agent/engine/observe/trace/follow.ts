import { PacketEvent_Kind as Kind, type PacketEvent } from '../../../../proto/gen/orch/v1/agent.ts';
import { etherTypes } from './filter.ts';
import type { WatchedFlow } from './flow.ts';
import { addressText, type Header, isEcho, readArp, readIp } from './header.ts';
import type { TraceLine } from './line.ts';
import { checked, checking, drop, type Place, placesOf } from './places.ts';

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
export function follow(lines: readonly TraceLine[], followed: Followed): readonly PacketEvent[] {
  const follower = new Follower(followed);
  return [...lines].sort((a, b) => a.us - b.us).flatMap((line) => follower.take(line) ?? []);
}

type Belonging = 'flow' | 'about' | 'neighbour';

class Follower {
  private readonly followed: Followed;
  private readonly places: ReadonlyMap<string, Place>;
  /** Packets of the flow by their address in memory, which is another's once they are gone. */
  private readonly packets = new Map<string, PacketEvent>();
  /** On each CPU, the packet whose source is being checked; undefined: it is none of the flow's. */
  private readonly checks = new Map<number, TraceLine>();

  constructor(followed: Followed) {
    this.followed = followed;
    this.places = new Map([...placesOf(followed.flow.family), checked].map((place) => [place.event, place]));
  }

  take(line: TraceLine): PacketEvent | undefined {
    if (line.event === drop.event) return this.dropped(line);
    if (line.event === checking.event) {
      this.checks.set(line.cpu, line);
      return undefined;
    }
    if (line.event === checked.event && !line.fields.has('skb')) return this.answered(line);
    const place = this.places.get(line.event);
    return place === undefined ? undefined : this.passed(line, place);
  }

  /** An answer that does not say to what: on its CPU, the check before it (neither can be interrupted by another). */
  private answered(line: TraceLine): PacketEvent | undefined {
    const asked = this.checks.get(line.cpu);
    this.checks.delete(line.cpu);
    if (asked === undefined) return undefined;
    return this.passed({ ...asked, us: line.us, fields: new Map([...asked.fields, ...line.fields]) }, checked);
  }

  private passed(line: TraceLine, place: Place): PacketEvent | undefined {
    const bytes = bytesOf(line.fields.get('w'));
    const isArp = place.only === 'arp' || (place.only === undefined && number(line, 'proto') === etherTypes.arp);
    const header = isArp ? readArp(bytes) : readIp(bytes);
    if (header === undefined) return undefined;
    const packet = line.fields.get('skb') ?? '';
    const belonging = this.belonging(header) ?? this.translated(header, packet, line.us);
    if (belonging === undefined) {
      this.packets.delete(packet);
      return undefined;
    }
    const event = eventOf(line, place.kind, header, belonging);
    const before = this.packets.get(packet);
    this.packets.set(packet, event);
    if (place.kind === Kind.SOURCE_CHECK && event.result >= 0) return undefined;
    // IP takes it from the device that was seen already, unless one on top of that took it in between.
    if (place.event === 'input' && before?.kind === Kind.RECEIVE && sameDevice(before, event)) return undefined;
    return event;
  }

  private dropped(line: TraceLine): PacketEvent | undefined {
    const packet = line.fields.get('skb') ?? '';
    const known = this.packets.get(packet);
    this.packets.delete(packet);
    const header = droppedHeader(line);
    const belonging = header && (this.belonging(header) ?? (known && this.translated(header, packet, line.us, known)));
    const reason = this.followed.reasons.get(number(line, 'reason')) ?? String(number(line, 'reason'));
    const location = /^[\w.]+/.exec(line.fields.get('loc') ?? '')?.[0] ?? '';
    if (header !== undefined && belonging !== undefined) {
      return { ...eventOf(line, Kind.DROP, header, belonging), reason, location };
    }
    // What its bytes don't say, its way does; unless they say that it is another by now.
    if (header !== undefined || known === undefined || line.us - known.monotonicUs > waitsUs) return undefined;
    return { ...known, ...deviceOf(line), kind: Kind.DROP, monotonicUs: line.us, reason, location, result: 0 };
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

function eventOf(line: TraceLine, kind: Kind, header: Header, belonging: Belonging): PacketEvent {
  const { protocol, arp, type, code, ident, sequence, ttl, length } = header;
  return {
    ...{ monotonicUs: line.us, kind, ...deviceOf(line) },
    ...{ from: addressText(header.from), to: addressText(header.target ?? header.to) },
    ...{ protocol, arp, type, code, ident, sequence, about: belonging === 'about', ttl, length },
    ...{ packet: line.fields.get('skb') ?? '', reason: '', location: '', result: number(line, 'ret') },
  };
}

function deviceOf(line: TraceLine): Pick<PacketEvent, 'device' | 'netnsInode'> {
  const dev = line.fields.get('dev') ?? '';
  return {
    device: dev === '(fault)' ? '' : Buffer.from(dev, 'latin1').toString('utf8'),
    netnsInode: number(line, 'ns'),
  };
}

function sameDevice(a: PacketEvent, b: PacketEvent): boolean {
  return a.device === b.device && a.netnsInode === b.netnsInode;
}

/** The header of IP or ARP in what is kept around a dropped packet's data; undefined when it lies outside of that. */
function droppedHeader(line: TraceLine): Header | undefined {
  const [start, data] = [line.fields.get('head'), line.fields.get('data')];
  if (!isHex(start) || !isHex(data)) return undefined;
  const at = Number(BigInt(start) - BigInt(data)) + number(line, 'nh') + drop.before;
  if (at < 0 || at >= drop.bytes) return undefined;
  const bytes = bytesOf(line.fields.get('w')).subarray(at);
  return number(line, 'proto') === etherTypes.arp ? readArp(bytes) : readIp(bytes);
}

function number(line: TraceLine, field: string): number {
  const text = line.fields.get(field) ?? '';
  return /^-?(\d+|0x[0-9a-f]+)$/.test(text) ? Number(text) : 0;
}

function isHex(text: string | undefined): text is string {
  return text !== undefined && /^0x[0-9a-f]{1,16}$/.test(text);
}

/** `{0x45,0x1}`: words of 8 bytes as this machine reads them, the lowest byte first. */
function bytesOf(text = ''): Buffer {
  const words = text.startsWith('{') ? text.slice(1, -1).split(',') : [];
  const bytes = Buffer.alloc(8 * words.length);
  for (const [index, word] of words.entries()) if (isHex(word)) bytes.writeBigUInt64LE(BigInt(word), 8 * index);
  return bytes;
}
