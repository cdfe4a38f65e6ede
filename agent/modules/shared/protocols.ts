import * as z from 'zod';

/** Who made a route: the kernel's numbers with iproute2's names for them (lib/rt_names.c, rt_protos). */
const names: Readonly<Record<number, string>> = {
  0: 'unspec',
  1: 'redirect',
  2: 'kernel',
  3: 'boot',
  4: 'static',
  8: 'gated',
  9: 'ra',
  10: 'mrt',
  11: 'zebra',
  12: 'bird',
  13: 'dnrouted',
  14: 'xorp',
  15: 'ntk',
  16: 'dhcp',
  17: 'mrouted',
  18: 'keepalived',
  42: 'babel',
  84: 'ovn',
  99: 'openr',
  186: 'bgp',
  187: 'isis',
  188: 'ospf',
  189: 'rip',
  192: 'eigrp',
};

/** The `protocol` of routes, rules and next hops. */
export const routeProtocol = z.union([
  z.int().min(0).max(255),
  z.string().regex(/^[a-z][a-z0-9_-]{0,31}$/, 'a protocol is a number from 0 to 255, or a name of rt_protos'),
]);

/** One spelling for a protocol: older iproute2 has no names for the newer ones and shows numbers. */
export function protocolName(protocol: string | number): string {
  return names[Number(protocol)] ?? String(protocol);
}
