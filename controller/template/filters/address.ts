import { type Address, bitsOf, formatAddress, lastOf, netmask, networkOf, parseAddress, sizeOf } from '../address.ts';
import { inClass } from '../address-class.ts';
import { asInteger, printed } from '../coerce.ts';
import { Fault } from '../fault.ts';
import { plugin } from '../plugin.ts';
import { isList, numberOf } from '../values.ts';

const host = (address: Address): string => formatAddress(address.value, address.version);
const network = (address: Address): string => formatAddress(networkOf(address), address.version);
const withPrefix = (text: string, { prefix }: Address): string => `${text}/${prefix}`;
const isHost = ({ version, prefix }: Address): boolean => prefix === bitsOf(version);
const exact = (value: bigint): number | string =>
  value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value.toString();

/** Addresses that hosts may have: without network and broadcast, except in /31, /32 and IPv6. */
function usable(address: Address): { first: bigint; last: bigint } {
  const narrow = address.version === 6 || sizeOf(address) <= 2n;
  return { first: networkOf(address) + (narrow ? 0n : 1n), last: lastOf(address) - (narrow ? 0n : 1n) };
}

type Query = (address: Address) => unknown;

const text = (value: bigint, { version }: Address): string => formatAddress(value, version);

const queries = new Map<string, Query>([
  ['', (a) => (a.hasPrefix ? withPrefix(host(a), a) : host(a))],
  ['address', (a) => (a.hasPrefix && !isHost(a) && a.value === networkOf(a) ? false : host(a))],
  ['bool', () => true],
  ['broadcast', (a) => (a.version === 4 && sizeOf(a) > 2n ? text(lastOf(a), a) : false)],
  ['cidr', (a) => withPrefix(host(a), a)],
  ['first_usable', (a) => (isHost(a) ? false : text(usable(a).first, a))],
  ['host', (a) => (isHost(a) || a.value !== networkOf(a) ? withPrefix(host(a), a) : false)],
  ['host/prefix', (a) => (isHost(a) || a.value !== networkOf(a) ? withPrefix(host(a), a) : false)],
  ['hostmask', (a) => text((1n << BigInt(bitsOf(a.version) - a.prefix)) - 1n, a)],
  ['hostnet', (a) => withPrefix(host(a), a)],
  ['int', (a) => exact(a.value)],
  ['ip', (a) => host(a)],
  ['ip/prefix', (a) => (isHost(a) || a.value !== networkOf(a) ? withPrefix(host(a), a) : false)],
  ['last_usable', (a) => (isHost(a) ? false : text(usable(a).last, a))],
  ['netmask', (a) => text(netmask(a), a)],
  ['network', network],
  ['network/prefix', (a) => withPrefix(network(a), a)],
  ['net', (a) => (a.value === networkOf(a) && !isHost(a) ? withPrefix(network(a), a) : false)],
  ['prefix', (a) => a.prefix],
  ['range_usable', (a) => (isHost(a) ? false : `${text(usable(a).first, a)}-${text(usable(a).last, a)}`)],
  ['size', (a) => exact(sizeOf(a))],
  ['subnet', (a) => withPrefix(network(a), a)],
  ['type', (a) => (isHost(a) || a.value !== networkOf(a) ? 'address' : 'network')],
  ['version', (a) => a.version],
  ...(['private', 'public', 'loopback', 'multicast', 'link-local'] as const).map((name): [string, Query] => [
    name,
    (a) => (inClass(a, name) ? (queries.get('')?.(a) ?? false) : false),
  ]),
]);

/** The address at `index` of a network, with its prefix; negative counts from the end. */
function nth(address: Address, index: number): string | false {
  const size = sizeOf(address);
  const place = index < 0 ? size + BigInt(index) : BigInt(index);
  return place < 0n || place >= size ? false : withPrefix(text(networkOf(address) + place, address), address);
}

function ask(value: unknown, query: unknown, version: 4 | 6 | undefined): unknown {
  if (isList(value))
    return value.map((item) => ask(item, query, version)).filter((answer) => answer !== false && answer !== null);
  const address = parseAddress(printed(value));
  if (!address || (version !== undefined && address.version !== version)) return false;
  const index = numberOf(query);
  if (index !== undefined) return nth(address, index);
  const name = printed(query ?? '');
  const answer = queries.get(name);
  if (answer) return answer(address);
  // A network as query asks whether the address lies in it.
  const net = parseAddress(name);
  if (!net)
    throw new Fault(`there is no address query '${name}'`, {
      hint: `one of ${[...queries.keys()].filter(Boolean).join(', ')}`,
    });
  const inside = net.version === address.version && networkOf({ ...address, prefix: net.prefix }) === networkOf(net);
  return inside && address.prefix >= net.prefix ? (queries.get('')?.(address) ?? false) : false;
}

const query = (version?: 4 | 6) => plugin('query?', (value, [question]) => ask(value, question ?? '', version));

function needed(value: unknown): Address {
  const address = parseAddress(printed(value));
  if (!address) throw new Fault(`'${printed(value)}' is not an IP address`);
  return address;
}

/** How many networks of a prefix fit, or the one at an index. */
function subnets(value: unknown, prefix: unknown, index: unknown): unknown {
  const address = needed(value);
  const length = asInteger(prefix, 'query');
  if (length < address.prefix || length > bitsOf(address.version))
    throw new Fault(`/${length} does not fit in /${address.prefix}`);
  const count = 1n << BigInt(length - address.prefix);
  if (index === undefined) return exact(count);
  const wanted = asInteger(index, 'index');
  const place = wanted < 0 ? count + BigInt(wanted) : BigInt(wanted);
  if (place < 0n || place >= count) throw new Fault(`there are only ${count} networks of /${length}`);
  return `${text(networkOf(address) + place * (1n << BigInt(bitsOf(address.version) - length)), address)}/${length}`;
}

const moved = (value: unknown, offset: number): string => {
  const address = needed(value);
  return text(address.value + BigInt(offset), address);
};

export const addressFilters = {
  ipaddr: query(),
  ipv4: query(4),
  ipv6: query(6),
  ipsubnet: plugin('query, index?', (value, [prefix, index]) => subnets(value, prefix, index)),
  ipmath: plugin('amount', (value, [amount]) => moved(value, asInteger(amount, 'amount'))),
  nthhost: plugin('index', (value, [index]) => {
    const found = nth(needed(value), asInteger(index, 'index'));
    return found === false ? false : found.replace(/\/.*$/, '');
  }),
  network_in_network: plugin('other', (value, [other]) => ask(other, printed(value), undefined) !== false),
};
