import { PacketEvent_Kind as Kind, type PacketEvent } from '../../../../proto/gen/orch/v1/agent.ts';

/** What a host saw, and how far its clock is ahead as it was measured, in microseconds. */
export interface Clocked {
  readonly events: readonly PacketEvent[];
  readonly offsetUs: number;
  /** The offset is off by no more. */
  readonly errorUs: number;
}

/** A packet left one host and came in at another: indexes of both, and the time between by their own clocks. */
interface Passage {
  readonly from: number;
  readonly to: number;
  readonly us: number;
}

/** Sweeps over all passages: each brings the offsets nearer to ones that fit all of them. */
const mostSweeps = 50;
/** What a packet takes from host to host at least, so that it never comes in in the moment in which it left. */
const leastUs = 1;

/**
 * The clocks' offsets, moved within their errors as little as it takes for no packet to come in at a host before another
 * sent it. Where no such offsets are within the errors, the nearest ones.
 */
export function settledOffsets(hosts: readonly Clocked[]): readonly number[] {
  const offsets = hosts.map(({ offsetUs }) => offsetUs);
  const passages = passagesOf(hosts);
  const move = (index: number, us: number) => {
    const { offsetUs, errorUs } = hosts[index] ?? { offsetUs: 0, errorUs: 0 };
    offsets[index] = Math.min(offsetUs + errorUs, Math.max(offsetUs - errorUs, (offsets[index] ?? 0) + us));
  };
  for (let sweep = 0; sweep < mostSweeps; sweep++) {
    let moved = false;
    for (const { from, to, us } of passages) {
      const over = leastUs - (us + (offsets[from] ?? 0) - (offsets[to] ?? 0));
      if (over <= 0) continue;
      moved = true;
      const [one, other] = [hosts[from]?.errorUs ?? 0, hosts[to]?.errorUs ?? 0];
      const share = one + other === 0 ? 0 : one / (one + other);
      move(from, over * share);
      move(to, -over * (1 - share));
    }
    if (!moved) break;
  }
  return offsets;
}

/** Packets that one host alone sent (a bridge sends on what is not its own) and others got. */
function passagesOf(hosts: readonly Clocked[]): readonly Passage[] {
  const sent = hosts.map(({ events }) => firstOf(events, [Kind.TRANSMIT]));
  const got = hosts.map(({ events }) => firstOf(events, [Kind.RECEIVE, Kind.NEIGHBOUR]));
  const packets = [...new Set(sent.flatMap((times) => [...times.keys()]))];
  return packets.flatMap((packet) => {
    const senders = sent.flatMap((times, from) => {
      const us = times.get(packet);
      return us === undefined ? [] : [{ from, us }];
    });
    const [sender] = senders;
    if (sender === undefined || senders.length > 1) return [];
    return got.flatMap((times, to): readonly Passage[] => {
      const us = times.get(packet);
      return us === undefined || to === sender.from ? [] : [{ from: sender.from, to, us: us - sender.us }];
    });
  });
}

/** When each packet was first seen so. Its TTL tells it from the same one before and after a router. */
function firstOf(events: readonly PacketEvent[], kinds: readonly Kind[]): ReadonlyMap<string, number> {
  const first = new Map<string, number>();
  for (const event of events) {
    if (!kinds.includes(event.kind)) continue;
    const { arp, about, from, to, protocol, type, code, ident, sequence, ttl } = event;
    const packet = [arp, about, from, to, protocol, type, code, ident, sequence, ttl].join(' ');
    first.set(packet, Math.min(first.get(packet) ?? Number.POSITIVE_INFINITY, event.monotonicUs));
  }
  return first;
}
