import { cidrText, networkOf, parseCidr } from '../../modules/shared/ip-address.ts';
import { number, type Row, text } from '../../modules/shared/rows.ts';
import { type Item, type Items, own } from './state.ts';

/**
 * Addresses of IPv4 that are second in their network on the host, after one that a state does not have, by their names: in that state
 * the first of them is the network's first (__inet_insert_ifa() in net/ipv4/devinet.c).
 */
export function ledByOthers(state: Items, host: Items): readonly string[] {
  const shown = Object.keys(state).flatMap((name) => {
    const row = own(host, name);
    const network = ipv4Network(row);
    return typeof row === 'object' && network !== undefined ? [{ name, network, second: row.secondary === true }] : [];
  });
  const led = new Set(shown.flatMap(({ network, second }) => (second ? [] : [network])));
  return shown.flatMap(({ name, network }) => (led.has(network) ? [] : [name]));
}

/** Addresses of a state, where those of these names are as they were found. */
export function asFound(addresses: Items, names: readonly string[], found: Items = {}): Items {
  return {
    ...addresses,
    ...Object.fromEntries(names.map((name) => [name, own(found, name) ?? own(addresses, name) ?? ''])),
  };
}

/** Routes of a state, where those that the kernel makes for the networks of these addresses are as they were found. */
export function withFoundNetworks(routes: Items, addresses: readonly Item[], found: Items = {}): Items {
  const concerned = ([, route]: readonly [string, Item]) => addresses.some((address) => isOf(route, address));
  const kept = Object.entries(routes).filter((entry) => !concerned(entry));
  return Object.fromEntries([...kept, ...Object.entries(found).filter(concerned)]);
}

/** Each of the routes that the kernel makes for an address has the first one of the network as its source (fib_add_ifaddr()). */
function isOf(route: Item, address: Item): boolean {
  if (typeof route === 'string' || typeof address === 'string') return false;
  if (route.family === 6 || route.protocol !== 'kernel' || route.dev !== address.dev) return false;
  const source = networkText(route, text(route, 'prefsrc'), number(address, 'prefixlen'));
  return source !== undefined && source === ipv4Network(address);
}

function ipv4Network(address: Item | undefined): string | undefined {
  if (typeof address !== 'object' || address.family !== 'inet') return undefined;
  return networkText(address, text(address, 'address') ?? text(address, 'local'), number(address, 'prefixlen'));
}

function networkText(row: Row, address: string | undefined, length: number | undefined): string | undefined {
  const cidr = parseCidr(`${address}/${length}`);
  return cidr && `${text(row, 'dev')} ${cidrText(networkOf(cidr))}`;
}
