import { cidrText, networkOf, parseCidr } from '../../modules/shared/ip-address.ts';
import { number, text } from '../../modules/shared/rows.ts';
import { usualMetric } from '../steps/left-networks.ts';
import type { Item } from './state.ts';

/** Whether the kernel makes this route to its network for an IPv6 address. */
export function asksFor(address: Item, route: Item): boolean {
  if (typeof address === 'string' || typeof route === 'string' || address.noprefixroute === true) return false;
  if (text(address, 'dev') !== text(route, 'dev') || (address.metric ?? usualMetric) !== route.metric) return false;
  const network = parseCidr(`${text(address, 'address') ?? text(address, 'local')}/${number(address, 'prefixlen')}`);
  return network !== undefined && cidrText(networkOf(network)) === text(route, 'dst');
}
