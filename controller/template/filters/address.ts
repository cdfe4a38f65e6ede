import { type Address, bitsOf, formatAddress, lastOf, netmask, networkOf, parseAddress, sizeOf } from '../address.ts';
import { inClass } from '../address-class.ts';
import { asInteger, printed } from '../coerce.ts';
import { Fault } from '../fault.ts';
import { plugin } from '../plugin.ts';
import { didYouMean } from '../suggest.ts';
import { isList, numberOf } from '../values.ts';

const host = (address: Address): string => formatAddress(address.value, address.version);
const network = (address: Address): string => formatAddress(networkOf(address), address.version);
const withPrefix = (text: string, { prefix }: Address): string => `${text}/${prefix}`;
const isHost = ({ version, prefix }: Address): boolean => prefix === bitsOf(version);
const text = (value: bigint, { version }: Address): string => formatAddress(value, version);
/** A number where JavaScript has it exactly, else its digits. */
const exact = (value: bigint): number | string =>
  value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value.toString();

/** First and last address that hosts may have: without the lowest and the highest, where there are more than two. */
function usable(address: Address): { first: string; last: string } {
  if (isHost(address)) throw new Fault(`'${host(address)}' is not a network`);
  const ends = sizeOf(address) > 2n ? 1n : 0n;
  return { first: text(networkOf(address) + ends, address), last: text(lastOf(address) - ends, address) };
}

/** What a query answers; null when the address is not what it asks for. */
type Query = (address: Address) => unknown;

const itself: Query = (a) => (a.hasPrefix ? withPrefix(host(a), a) : host(a));
/** The lowest address of a network is no host, but in a /31 and /127 both are (RFC 3021, RFC 6164). */
const isNetwork = (a: Address): boolean => sizeOf(a) > 2n && a.value === networkOf(a);
const isLowest = (a: Address): boolean => !isHost(a) && a.value === networkOf(a);
const hostOnly: Query = (a) => (isNetwork(a) ? null : withPrefix(host(a), a));
const only = (holds: boolean, answer: () => unknown): unknown => (holds ? answer() : null);

const queries = new Map<string, Query>([
  ['', itself],
  ['address', (a) => only(!isNetwork(a), () => host(a))],
  ['bool', () => true],
  ['broadcast', (a) => only(sizeOf(a) > 2n, () => text(lastOf(a), a))],
  ['cidr', (a) => withPrefix(host(a), a)],
  ['first_usable', (a) => usable(a).first],
  ['host', hostOnly],
  ['host/prefix', hostOnly],
  ['hostmask', (a) => text(sizeOf(a) - 1n, a)],
  ['int', (a) => (a.hasPrefix ? withPrefix(a.value.toString(), a) : exact(a.value))],
  ['ip', host],
  ['ip/prefix', (a) => only(a.hasPrefix, () => hostOnly(a))],
  ['last_usable', (a) => usable(a).last],
  ['net', (a) => only(isLowest(a), () => withPrefix(network(a), a))],
  ['netmask', (a) => text(netmask(a), a)],
  ['network', network],
  ['network/prefix', (a) => withPrefix(network(a), a)],
  ['prefix', (a) => a.prefix],
  ['range_usable', (a) => `${usable(a).first}-${usable(a).last}`],
  ['size', (a) => exact(sizeOf(a))],
  ['subnet', (a) => withPrefix(network(a), a)],
  ['type', (a) => (isLowest(a) ? 'network' : 'address')],
  ['version', (a) => a.version],
  ...(['private', 'public', 'loopback', 'multicast', 'link-local'] as const).map((name): [string, Query] => [
    name,
    (a) => only(inClass(a, name), () => itself(a)),
  ]),
]);

/** The address at `index` of a network, with its prefix; negative counts from the end; undefined outside of it. */
function nth(address: Address, index: number): bigint | undefined {
  const size = sizeOf(address);
  const place = index < 0 ? size + BigInt(index) : BigInt(index);
  return place < 0n || place >= size ? undefined : networkOf(address) + place;
}

function ask(value: unknown, query: unknown, version: 4 | 6 | undefined): unknown {
  if (isList(value)) {
    return value.map((item) => ask(item, query, version)).filter((answer) => answer !== false && answer !== null);
  }
  const address = parseAddress(printed(value));
  if (!address || (version !== undefined && address.version !== version)) return false;
  const index = numberOf(query);
  if (index !== undefined) {
    if (isHost(address)) return itself(address);
    const found = nth(address, index);
    return found === undefined ? null : withPrefix(text(found, address), address);
  }
  const name = printed(query);
  const answer = queries.get(name);
  if (answer) return answer(address);
  // A network as query asks whether the address lies in it.
  const net = parseAddress(name);
  if (!net) {
    const hint = didYouMean(name, queries.keys()) ?? `one of ${[...queries.keys()].filter(Boolean).join(', ')}`;
    throw new Fault(`there is no address query '${name}'`, { hint });
  }
  return only(liesIn(address, net), () => itself(address));
}

function liesIn(address: Address, net: Address): boolean {
  if (net.version !== address.version || address.prefix < net.prefix) return false;
  return networkOf({ ...address, prefix: net.prefix }) === networkOf(net);
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
    const address = needed(value);
    const found = nth(address, asInteger(index, 'index'));
    return found === undefined ? null : text(found, address);
  }),
  network_in_network: plugin('other', (value, [other]) => liesIn(needed(other), needed(value))),
};
