import type { Action } from '../../linux/action.ts';
import { cidrText, networkOf, parseCidr } from '../../modules/shared/ip-address.ts';
import { number, type Row, text } from '../../modules/shared/rows.ts';
import { usualMetric } from '../steps/left-networks.ts';
import { after, namespacesOf } from '../steps/touched.ts';
import { type Difference, type Item, netnsName } from './state.ts';

/** The route to its network that the kernel makes for an IPv6 address, as routeName has it; undefined: none. */
export function networkRoute(address: Item): string | undefined {
  if (typeof address === 'string' || address.noprefixroute === true) return undefined;
  const cidr = parseCidr(`${text(address, 'address') ?? text(address, 'local')}/${number(address, 'prefixlen')}`);
  if (cidr?.family !== 6) return undefined;
  return nameOf(address, cidrText(networkOf(cidr)), number(address, 'metric') ?? usualMetric);
}

/** A route of the kernel's to a network of IPv6, so that it is told from others; undefined: it is none. */
export function routeName(route: Item): string | undefined {
  if (typeof route === 'string' || route.family !== 6 || route.protocol !== 'kernel') return undefined;
  return nameOf(route, text(route, 'dst'), number(route, 'metric'));
}

const nameOf = (row: Row, dst: string | undefined, metric: number | undefined) =>
  `${text(row, 'dev')} ${dst} ${metric}`;

/** Whether the route that differs is one that the kernel makes along with the IPv6 address of an action, and takes along with it. */
export function goesWithAddress(action: Action, { netns, section, before }: Difference): boolean {
  if (section !== 'routes' || typeof before !== 'object' || before.protocol !== 'kernel' || action.op !== 'ip')
    return false;
  const [object, , cidr = ''] = action.args;
  if (object !== 'address' || !namespacesOf(action).includes(netnsName(netns))) return false;
  const network = parseCidr(after(action.args, 'peer') ?? cidr);
  if (network === undefined || after(action.args, 'dev') !== text(before, 'dev')) return false;
  return cidrText(networkOf(network)) === text(before, 'dst');
}
