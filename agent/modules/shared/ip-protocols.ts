import * as z from 'zod';

/**
 * Numbers of IP protocols by their names in /etc/protocols, which iproute2 shows where the host has that file
 * (lib/inet_proto.c). Numbers are sent: they need no file.
 */
const numbers: Readonly<Record<string, number>> = {
  ...{ icmp: 1, igmp: 2, ipencap: 4, tcp: 6, egp: 8, igp: 9, udp: 17, dccp: 33, ipv6: 41, rsvp: 46, gre: 47, esp: 50 },
  ...{ ah: 51, skip: 57, 'ipv6-icmp': 58, eigrp: 88, ospf: 89, ipip: 94, etherip: 97, encap: 98, pim: 103 },
  ...{ ipcomp: 108, vrrp: 112, l2tp: 115, isis: 124, sctp: 132, fc: 133, udplite: 136, 'mpls-in-ip': 137, hip: 139 },
};
const others: Readonly<Record<string, number>> = { icmpv6: 58, icmp6: 58, ospfigp: 89 };

/** The `ipproto` of rules. */
export const ipProtocol = z.union([z.int().min(1).max(255), z.enum([...Object.keys(numbers), ...Object.keys(others)])]);

/** One spelling, whichever of its names and numbers is used. */
export function ipProtocolText(protocol: string | number): string {
  return String(numbers[protocol] ?? others[protocol] ?? protocol);
}
