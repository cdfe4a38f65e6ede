import { cidrText, networkOf, parseCidr } from '../../modules/shared/ip-address.ts';
import { number, type Row, text } from '../../modules/shared/rows.ts';
import { usualMetric } from '../steps/left-networks.ts';
import { type Item, type Items, type NetnsState, own } from './state.ts';

/**
 * The routes that the kernel makes for an IPv6 address, as routeName has them: to its network, and to the other end that it has (as
 * ip shows it, "address"; ipv6_ifa_notify() in net/ipv6/addrconf.c).
 */
export function networkRoutes(address: Item): readonly string[] {
  if (typeof address === 'string' || address.family !== 'inet6') return [];
  const network = address.noprefixroute === true ? [] : [`${text(address, 'local')}/${number(address, 'prefixlen')}`];
  const metric = number(address, 'metric') ?? usualMetric;
  return [...network, text(address, 'address')].flatMap((dst) => nameOf(address, dst, metric) ?? []);
}

/** A route of the kernel's to a network of IPv6, so that it is told from others; undefined: it is none. */
export function routeName(route: Item): string | undefined {
  if (typeof route === 'string' || route.family !== 6 || route.protocol !== 'kernel') return undefined;
  return nameOf(route, text(route, 'dst'), number(route, 'metric'));
}

function nameOf(row: Row, dst: string | undefined, metric: number | undefined): string | undefined {
  const cidr = dst === undefined ? undefined : parseCidr(dst);
  return cidr && `${text(row, 'dev')} ${cidrText(networkOf(cidr))} ${metric}`;
}

/**
 * Whether a route of the kernel's to a network of IPv6 is one that none of these addresses asks for: one that is gone has left it, and
 * it goes with the next one that comes and goes. Those that have a time are of an advertisement.
 */
export function isBare(route: Item, addresses: readonly Item[]): boolean {
  const name = routeName(route);
  if (name === undefined || typeof route === 'string' || route.type !== 'unicast' || 'expires' in route) return false;
  return !addresses.some((address) => networkRoutes(address).includes(name));
}

/** A namespace as a snapshot knew it before and after that followed an undo, as it is now, and as it was before the lab undone. */
export interface Followed {
  readonly was: NetnsState;
  readonly is: NetnsState;
  readonly to: NetnsState;
  readonly first: NetnsState | undefined;
}

/**
 * IPv6's routes to networks, by their keys, where a snapshot followed what became of addresses. One that came has the route that is
 * there for others, too (`come`); one that went leaves it to others alone (`left`), unless it was there before any address of it. What
 * it has for an address of its own does not go with one of others (`stay`).
 */
export function followNetworks({ was, is, to, first }: Followed) {
  const gone = networksOf(lacking(was, is));
  const came = networksOf(lacking(is, was));
  const asked = networksOf(Object.values(is.items.addresses));
  const brought = networksOf(Object.values(first?.items.addresses ?? {}));
  const bare = new Set(
    Object.values(first?.items.routes ?? {})
      .map(routeName)
      .filter((name) => !brought.has(name)),
  );
  return {
    stay: keysOf(was.items.routes, (name) => asked.has(name)),
    come: keysOf(to.items.routes, (name) => came.has(name)),
    left: keysOf(is.items.routes, (name) => gone.has(name) && !asked.has(name) && !bare.has(name)),
  };
}

/** The addresses of one state that are not the same in the other. */
function lacking({ items }: NetnsState, other: NetnsState): readonly Item[] {
  return Object.entries(items.addresses).flatMap(([key, item]) =>
    own(other.items.addresses, key) === item ? [] : [item],
  );
}

function networksOf(addresses: readonly Item[]): ReadonlySet<string | undefined> {
  return new Set(addresses.flatMap(networkRoutes));
}

function keysOf(routes: Items, which: (name: string) => boolean): readonly string[] {
  return Object.entries(routes).flatMap(([key, route]) => {
    const name = routeName(route);
    return name !== undefined && which(name) ? [key] : [];
  });
}
