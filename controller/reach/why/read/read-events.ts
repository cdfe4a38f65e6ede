import { type Collected, PacketEvent_Kind as Kind, type PacketEvent } from '../../../../proto/gen/orch/v1/agent.ts';
import type { Evidence, NftTrace, WayEvent } from '../seen/evidence.ts';
import { answers } from '../seen/facts.ts';
import { settledOffsets } from './clocks.ts';

const kinds: Readonly<Record<PacketEvent['kind'], WayEvent['kind'] | undefined>> = {
  [Kind.UNSPECIFIED]: undefined,
  [Kind.OUTPUT]: 'output',
  [Kind.TRANSMIT]: 'transmit',
  [Kind.RECEIVE]: 'receive',
  [Kind.NEIGHBOUR]: 'neighbour',
  [Kind.SOURCE_CHECK]: 'source-check',
  [Kind.FORWARD]: 'forward',
  [Kind.DELIVER]: 'deliver',
  [Kind.DROP]: 'drop',
};

/** What one host saw, and how to read it. */
export interface HostEvents {
  readonly host: string;
  readonly collected: Collected;
  /** Microseconds that its clock is ahead, and by how many that may be off. */
  readonly offsetUs: number;
  readonly errorUs: number;
  /** Names of its namespaces, by inode; empty: the host's own. */
  readonly netns: ReadonlyMap<number, string>;
}

/** True for a packet on the way back to the sender, or a question on behalf of one. */
function isReply({ arp, type, protocol, about, from, to }: PacketEvent, source: string): boolean {
  const ipv6Neighbour = protocol === 58 && (type === 135 || type === 136);
  // An answer is the question's, and an error that of the packet it is about, whichever way they go.
  if (arp || ipv6Neighbour) return (type === (arp ? answers.arp : answers.neighbour) ? from : to) === source;
  return about ? from === source : to === source;
}

/** The events of all hosts in one order, in microseconds since the first. `source`: the address the probe left from. */
export function readEvents(hosts: readonly HostEvents[], source: string): Pick<Evidence, 'events' | 'nft'> {
  const offsets = settledOffsets(hosts.map(({ collected, ...clock }) => ({ ...clock, events: collected.events })));
  const timed = hosts.flatMap(({ host, collected, netns }, index) =>
    collected.events.flatMap((event) => {
      const kind = kinds[event.kind];
      if (kind === undefined) return [];
      const { arp, protocol, type, device, from, to, code, packet, reason, location, ttl, length, about } = event;
      const asks = arp || (protocol === 58 && (type === 135 || type === 136));
      const read: WayEvent = {
        us: event.monotonicUs - (offsets[index] ?? 0),
        ...{ host, netns: netns.get(event.netnsInode), dev: device, kind, asks, about },
        direction: isReply(event, source) ? 'reply' : 'request',
        ...{ from, to, type, code, packet, reason, ttl, length },
        // What the compiler made of a function still is that function.
        location: location.replace(/\.(constprop|isra|part|cold)(\.\d+)?/g, ''),
      };
      return [read];
    }),
  );
  const events = timed.sort((one, other) => one.us - other.us);
  const start = events[0]?.us ?? 0;
  const nft = hosts.flatMap(({ host, collected }) =>
    collected.nft.map((line): NftTrace => {
      const { netns, packet, family, table, chain, step, text, verdict } = line;
      return { host, netns, packet, family, table, chain, step, text, verdict };
    }),
  );
  return { events: events.map((event) => ({ ...event, us: Math.round(event.us - start) })), nft };
}
