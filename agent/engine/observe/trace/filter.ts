import { icmp, icmp6, type WatchedFlow } from './flow.ts';
import type { Place } from './places.ts';

/** ETH_P_IP, ETH_P_IPV6 and ETH_P_ARP (linux/if_ether.h) as a number that was read in the other byte order. */
export const etherTypes = { 4: 0x0008, 6: 0xdd86, arp: 0x0608 } as const;

/**
 * The filter that the kernel holds against each packet at a place: either address is that of an end, so that a packet whose
 * other one is translated is seen too; ARP and neighbour discovery of the flow's neighbours. The rest is sorted out later.
 */
export function filterOf(place: Place, flow: WatchedFlow): string {
  const terms: string[] = [];
  const { only } = place;
  if (only !== 'arp')
    terms.push(all(only === undefined && type(flow.family), flow.family === 4 ? ends4(flow) : ends6(flow)));
  if (flow.family === 4 && (only === undefined || only === 'arp'))
    terms.push(all(only === undefined && type('arp'), arp(flow)));
  const which = any(...terms);
  return place.deviceHeader === undefined ? which : all(`hl == ${place.deviceHeader}`, which);
}

function ends4({ from, to, protocol }: WatchedFlow): string {
  const ends = [word(from), word(to)];
  return all(
    any(`pr == ${protocol}`, `pr == ${icmp}`),
    any(...ends.map((end) => `sa == ${end}`), ...ends.map((end) => `da == ${end}`)),
  );
}

function arp({ neighbours }: WatchedFlow): string {
  return any(...neighbours.flatMap((address) => [`spa == ${word(address)}`, `tpa == ${word(address)}`]));
}

function ends6({ from, to, protocol, neighbours }: WatchedFlow): string {
  const is = (field: string, address: Buffer) =>
    all(`${field}0 == ${long(address, 0)}`, `${field}1 == ${long(address, 8)}`);
  const ends = [from, to];
  return any(
    all(
      any(`pr == ${protocol}`, `pr == ${icmp6}`),
      any(...ends.map((end) => is('s', end)), ...ends.map((end) => is('d', end))),
    ),
    // The target of a solicitation or advertisement (RFC 4861).
    all(`pr == ${icmp6}`, any(...neighbours.map((address) => is('t', address)))),
  );
}

function type(protocol: keyof typeof etherTypes): string {
  return `proto == ${etherTypes[protocol]}`;
}

function word(address: Buffer): number {
  return address.readUInt32LE(0);
}

function long(address: Buffer, at: number): bigint {
  return address.readBigUInt64LE(at);
}

function all(...terms: readonly (string | false)[]): string {
  return terms.filter((term) => term !== false).join(' && ');
}

function any(...terms: readonly string[]): string {
  const [first = '', ...others] = new Set(terms);
  if (others.length === 0) return first;
  return `(${[first, ...others].map((term) => (term.includes('&&') ? `(${term})` : term)).join(' || ')})`;
}
