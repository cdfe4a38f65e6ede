import { Fault } from '../fault.ts';
import {
  type Address,
  bitsOf,
  bracketed,
  formatAddress,
  lastOf,
  liesIn,
  netmask,
  networkOf,
  parseAddress,
  parseNumericAddress,
  sizeOf,
} from '../formats/address.ts';
import { inClass, isPrivate } from '../formats/address-class.ts';
import { plugin } from '../plugin.ts';
import { asAddress, asWhole, printed, wholeOf } from '../python/coerce.ts';
import { truth } from '../python/compare.ts';
import { normal } from '../python/integer.ts';
import { isList, numberOf } from '../python/values.ts';
import { didYouMean } from '../suggest.ts';

const host = (address: Address): string => formatAddress(address.value, address.version);
const network = (address: Address): string => formatAddress(networkOf(address), address.version);
const withPrefix = (text: string, { prefix }: Address): string => `${text}/${prefix}`;
const isHost = ({ version, prefix }: Address): boolean => prefix === bitsOf(version);
const text = (value: bigint, { version }: Address): string => formatAddress(value, version);
const exact = normal;

/** First and last address that hosts may have: without the lowest and the highest, where there are more than two. */
function usable(address: Address): { first: bigint; last: bigint } | undefined {
  if (!address.hasPrefix) throw new Fault(`'${host(address)}' is not a network`);
  if (isHost(address)) return undefined;
  const ends = sizeOf(address) > 2n ? 1n : 0n;
  return { first: networkOf(address) + ends, last: lastOf(address) - ends };
}

/** The usable address `offset` behind one. */
function beside(address: Address, offset: bigint): unknown {
  const range = usable(address);
  const wanted = address.value + offset;
  return range && wanted >= range.first && wanted <= range.last ? text(wanted, address) : null;
}

/** The other address of a network of two, RFC 3021, or of the two usable ones of a network of four. */
function peer(address: Address): string {
  const range = usable(address);
  const among = range && address.value >= range.first && address.value <= range.last;
  if (!among || range.last - range.first !== 1n) throw new Fault(`'${itself(address)}' has no single peer`);
  return text(address.value === range.first ? range.last : range.first, address);
}

/** The name under which DNS keeps the address, RFC 1035 and RFC 3596. */
function reverseName({ value, version }: Address): string {
  if (version === 4) return `${formatAddress(value, 4).split('.').reverse().join('.')}.in-addr.arpa.`;
  const digits = value.toString(16).padStart(32, '0');
  return `${[...digits].reverse().join('.')}.ip6.arpa.`;
}

/** RFC 3056: the /48 that belongs to a public IPv4 address. */
function sixToFour(address: Address): unknown {
  if (address.version === 6) return networkOf({ ...address, prefix: 16 }) === 0x2002n << 112n ? itself(address) : false;
  if (isNetwork(address)) return false;
  const digits = address.value.toString(16).padStart(8, '0');
  return `2002:${digits.slice(0, 4)}:${digits.slice(4)}::1/48`;
}

/** The address in IPv4: an IPv6 one where `::/96` or `::ffff:0:0/96` holds it. */
function unmapped(a: Address): unknown {
  if (a.version === 4) return itself(a);
  const [block, value] = [a.value >> 32n, a.value & 0xffffffffn];
  return (block === 0n || block === 0xffffn) && a.prefix >= 96 ? `${formatAddress(value, 4)}/${a.prefix - 96}` : false;
}

/** The address in IPv6: an IPv4 one as `::ffff:0:0/96` holds it. */
const mapped = (a: Address): unknown =>
  a.version === 6 ? itself(a) : `::ffff:${formatAddress(a.value, 4)}/${96 + a.prefix}`;

/** What a query answers; null when the address is not what it asks for. */
type Query = (address: Address) => unknown;

const itself = (a: Address): string => (a.hasPrefix ? withPrefix(host(a), a) : host(a));
/** The lowest address of a network is no host, but in a /31 and /127 both are (RFC 3021, RFC 6164). */
const isNetwork = (a: Address): boolean => sizeOf(a) > 2n && a.value === networkOf(a);
const isLowest = (a: Address): boolean => !isHost(a) && a.value === networkOf(a);
const hostOnly: Query = (a) =>
  sizeOf(a) > 2n && (a.value === networkOf(a) || a.value === lastOf(a)) ? false : withPrefix(host(a), a);
const only = (holds: boolean, answer: () => unknown): unknown => (holds ? answer() : null);
const ends = (answer: (range: { first: bigint; last: bigint }, a: Address) => unknown): Query => {
  return (a) => {
    const range = usable(a);
    return range ? answer(range, a) : null;
  };
};
const isIn = (name: Parameters<typeof inClass>[1]): Query => {
  return (a) => only(inClass(a, name), () => itself(a));
};
const isOwn = (a: Address): boolean => isPrivate(a) || inClass(a, 'shared');
const hostmask: Query = (a) => text(sizeOf(a) - 1n, a);

const queries = new Map<string, Query>([
  ['', itself],
  ['6to4', sixToFour],
  ['address', (a) => only(!isNetwork(a) || a.version === 6, () => host(a))],
  ['address/prefix', hostOnly],
  ['bool', () => true],
  ['broadcast', (a) => only(sizeOf(a) > 2n, () => text(lastOf(a), a))],
  ['cidr', (a) => withPrefix(host(a), a)],
  ['first_usable', ends(({ first }, a) => text(first, a))],
  ['gateway', hostOnly],
  ['gw', hostOnly],
  ['host', (a) => only(!isNetwork(a), () => withPrefix(host(a), a))],
  ['host/prefix', hostOnly],
  ['hostmask', hostmask],
  ['hostnet', hostOnly],
  ['int', (a) => (a.hasPrefix ? withPrefix(a.value.toString(), a) : exact(a.value))],
  ['ip', host],
  ['ip/prefix', (a) => only(a.hasPrefix && !isHost(a), () => only(!isNetwork(a), () => withPrefix(host(a), a)))],
  ['ip_netmask', (a) => only(!isHost(a) && !isNetwork(a), () => `${host(a)} ${text(netmask(a), a)}`)],
  ['ipv4', unmapped],
  ['ipv6', mapped],
  ['last_usable', ends(({ last }, a) => text(last, a))],
  ['net', (a) => only(isLowest(a), () => withPrefix(network(a), a))],
  ['netmask', (a) => text(netmask(a), a)],
  ['network', network],
  ['network/prefix', (a) => withPrefix(network(a), a)],
  ['network_id', network],
  ['network_netmask', (a) => `${network(a)} ${text(netmask(a), a)}`],
  ['network_wildcard', (a) => `${network(a)} ${String(hostmask(a))}`],
  ['next_usable', (a) => beside(a, 1n)],
  ['peer', peer],
  ['prefix', (a) => a.prefix],
  ['previous_usable', (a) => beside(a, -1n)],
  ['range_usable', ends(({ first, last }, a) => `${text(first, a)}-${text(last, a)}`)],
  ['revdns', reverseName],
  ['router', hostOnly],
  ['size', (a) => exact(sizeOf(a))],
  ['size_usable', (a) => (isHost(a) ? 0 : exact(sizeOf(a) > 2n ? sizeOf(a) - 2n : sizeOf(a)))],
  ['subnet', (a) => withPrefix(network(a), a)],
  ['type', (a) => (isLowest(a) ? 'network' : 'address')],
  ['unicast', (a) => only(!inClass(a, 'multicast'), () => itself(a))],
  ['version', (a) => a.version],
  ['wildcard', hostmask],
  ['wrap', bracketed],
  ['private', (a) => only(isOwn(a), () => itself(a))],
  ['public', (a) => only(!isOwn(a) && !inClass(a, 'multicast'), () => itself(a))],
  ...(['loopback', 'multicast', 'link-local'] as const).map((name): [string, Query] => [name, isIn(name)]),
  ['lo', isIn('loopback')],
]);

/** The address at `index` of a network, with its prefix; negative counts from the end; undefined outside of it. */
function nth(address: Address, index: number): bigint | undefined {
  const size = sizeOf(address);
  const place = index < 0 ? size + BigInt(index) : BigInt(index);
  return place < 0n || place >= size ? undefined : networkOf(address) + place;
}

function ask(value: unknown, query: unknown, version: number | undefined): unknown {
  if (isList(value)) {
    return value
      .map((item) => ask(item, query, version))
      .filter((answer) => answer !== false && answer !== null && answer !== 0);
  }
  // Truth values are no numbers here.
  const address = typeof value === 'boolean' ? undefined : parseNumericAddress(printed(value));
  if (!address || (version !== undefined && address.version !== version)) return false;
  const index = numberOf(typeof query === 'string' && /^-?\d+$/.test(query) ? Number(query) : query);
  if (index !== undefined) {
    if (isHost(address)) return itself(address);
    const found = nth(address, index);
    return found === undefined ? false : withPrefix(text(found, address), address);
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

const query = (version: 4 | 6) => plugin('query?', (value, [question]) => ask(value, question ?? '', version));

/** Networks of a prefix in a network: how many there are, as text, or the one at an index. False for what is none. */
function subnets(value: unknown, query: unknown, index: unknown): unknown {
  const address = parseAddress(printed(value));
  if (!address) return false;
  if (query === undefined || query === '') return withPrefix(network(address), address);
  const outer = typeof query === 'string' && !/^\d+$/.test(query) ? asAddress(query) : undefined;
  if (outer) return rankIn(address, outer);
  const length = asWhole(query, 'query');
  const wanted = index === undefined ? undefined : asWhole(index, 'index');
  if (isHost(address) && length < address.prefix) return networkAround(address, length, wanted);
  if (length > bitsOf(address.version)) return false;
  if (length < address.prefix) {
    if (wanted !== undefined) return false;
    throw new Fault(`/${length} does not fit in /${address.prefix}`);
  }
  const count = 1n << BigInt(length - address.prefix);
  if (wanted === undefined) return count.toString();
  const place = wanted < 0 ? count + BigInt(wanted) : BigInt(wanted);
  if (place < 0n || place >= count) return false;
  return `${text(networkOf(address) + place * (1n << BigInt(bitsOf(address.version) - length)), address)}/${length}`;
}

/** The network of a prefix around a host; with an index the one that is so many bits longer, or from the longest. */
function networkAround(address: Address, length: number, index: number | undefined): unknown {
  const prefix = index === undefined ? length : index < 0 ? address.prefix + index : length + index;
  if (prefix < length || prefix >= address.prefix) return false;
  return withPrefix(network({ ...address, prefix }), { ...address, prefix });
}

/** Which network of its size in `outer` this one is, from 1. */
function rankIn(address: Address, outer: Address): unknown {
  if (!liesIn(address, outer)) throw new Fault(`'${host(address)}' is not in ${withPrefix(network(outer), outer)}`);
  return ((networkOf(address) - networkOf(outer)) / sizeOf(address) + 1n).toString();
}

const moved = (value: unknown, offset: number): string => {
  const address = asAddress(value);
  return text(address.value + BigInt(offset), address);
};

export const addressFilters = {
  ipaddr: plugin('query?, version?', (value, [question, version]) =>
    ask(value, question ?? '', truth(version ?? false) ? asWhole(version, 'version') : undefined),
  ),
  ipv4: query(4),
  ipv6: query(6),
  ipsubnet: plugin('query?, index?', (value, [prefix, index]) => subnets(value, prefix, index)),
  ipmath: plugin('amount', (value, [amount]) => moved(value, asWhole(amount, 'amount'))),
  nthhost: plugin('index?', (value, [index]) => {
    const address = parseAddress(printed(value));
    const place = wholeOf(index);
    const found = address && !isHost(address) && place !== undefined ? nth(address, place) : undefined;
    return address && found !== undefined ? text(found, address) : false;
  }),
  network_in_network: plugin('test', (value, [test]) => {
    const [outer, inner] = [parseAddress(printed(value)), parseAddress(printed(test))];
    return outer !== undefined && inner !== undefined && liesIn(inner, outer);
  }),
};
