import * as z from 'zod';
import { protocols } from '../../linux/ip/kept-words.ts';

/** The `protocol` of routes, rules and next hops. */
export const routeProtocol = z.union([
  z.int().min(0).max(255),
  z.string().regex(/^[a-z][a-z0-9_-]{0,31}$/, 'a protocol is a number from 0 to 255, or a name of rt_protos'),
]);

/** One spelling for a protocol: older iproute2 has no names for the newer ones and shows numbers. */
export function protocolName(protocol: string | number): string {
  return protocols[Number(protocol)] ?? String(protocol);
}
