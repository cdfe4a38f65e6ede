import { OrchError } from '../../../../proto/errors.ts';
import { type Flow, ProbeProtocol } from '../../../../proto/gen/orch/v1/agent.ts';
import { parseIp } from '../../../modules/shared/ip-address.ts';

/** What is looked for, with addresses as bytes. */
export interface WatchedFlow {
  readonly family: 4 | 6;
  readonly from: Buffer;
  readonly to: Buffer;
  /** Number of the IP protocol. */
  readonly protocol: number;
  readonly port: number;
  /** Addresses whose ARP and neighbour discovery belong to it: both ends and the next hops. */
  readonly neighbours: readonly Buffer[];
  /** Bytes of the probe, and of the answer to a ping, by IP's own word. */
  readonly bytes: number;
  /** No packet of it is longer; undefined: there may be one of any length. */
  readonly mostBytes: number | undefined;
}

export const icmp = 1;
export const tcp = 6;
export const udp = 17;
export const icmp6 = 58;

/**
 * Most bytes that an error of ICMP has, as long as it is no longer than what it is about (RFC 1812, 4.3.2.3; RFC 4443, 2.4), and
 * all headers that may be before the data of a probe.
 */
const errorBytes = { 4: 576, 6: 1280 } as const;
const headerBytes = 256;

/** Bytes of the headers of IP, and of ICMP or UDP. */
const probeHeaders = { 4: 28, 6: 48 } as const;

/** Most next hops: each is a term of the kernel's filters. */
const mostHops = 16;

/** Throws OrchError for a flow that no packet can be of. */
export function watchedFlow(flow: Flow | undefined): WatchedFlow {
  if (flow === undefined) throw wrong('It names no flow.');
  const from = bytesOf(flow.from);
  const to = bytesOf(flow.to);
  if (from.length !== to.length) throw wrong('Its addresses are of two families.');
  if (flow.protocol === ProbeProtocol.UNSPECIFIED) throw wrong('It says no protocol.');
  if (flow.nextHops.length > mostHops) throw wrong(`It has more than ${mostHops} next hops.`);
  const family = from.length === 4 ? 4 : 6;
  const hops = flow.nextHops.map(bytesOf).filter((hop) => hop.length === from.length);
  const ofIcmp = family === 4 ? icmp : icmp6;
  const protocol = { [ProbeProtocol.ICMP]: ofIcmp, [ProbeProtocol.TCP]: tcp, [ProbeProtocol.UDP]: udp }[flow.protocol];
  // What answers a datagram says as much as it likes.
  const mostBytes = protocol === udp ? undefined : Math.max(flow.size, errorBytes[family]) + headerBytes;
  const bytes = flow.size + probeHeaders[family];
  return { family, from, to, protocol, port: flow.port, neighbours: [from, to, ...hops], bytes, mostBytes };
}

function bytesOf(text: string): Buffer {
  const address = parseIp(text);
  if (address === undefined) throw wrong(`${JSON.stringify(text)} is no IP address.`);
  return Buffer.from(address.value.toString(16).padStart(address.family === 4 ? 8 : 32, '0'), 'hex');
}

function wrong(detail: string): OrchError {
  return new OrchError({ code: 'invalid-parameter', summary: 'This flow cannot be watched.', detail });
}
