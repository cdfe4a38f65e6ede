import { Fault } from '../fault.ts';
import {
  type Address,
  bitsOf,
  bracketed,
  formatAddress,
  lastOf,
  networkOf,
  parseAddress,
  parseNumericAddress,
  sizeOf,
} from '../formats/address.ts';
import { macOf } from '../formats/hardware-address.ts';
import { checkItems } from '../limits.ts';
import { plugin } from '../plugin.ts';
import { asAddress, asList, asText, asWhole, printed } from '../python/coerce.ts';
import { isList } from '../python/values.ts';

interface Range {
  readonly version: 4 | 6;
  readonly first: bigint;
  readonly last: bigint;
}

/** Addresses of a network that hosts may have: without the lowest and the highest, where there are more than two. */
function usableOf(address: Address): Range {
  const ends = sizeOf(address) > 2n ? 1n : 0n;
  return { version: address.version, first: networkOf(address) + ends, last: lastOf(address) - ends };
}

const wholeOf = (address: Address): Range => ({
  version: address.version,
  first: networkOf(address),
  last: lastOf(address),
});

const within = (inner: Range, outer: Range): boolean =>
  inner.version === outer.version && inner.first >= outer.first && inner.last <= outer.last;

/** An address without a prefix. */
function plain(value: unknown): Address {
  const address = asAddress(value);
  if (address.hasPrefix) throw new Fault(`'${printed(value)}' is a network, not an IP address`);
  return address;
}

/** The usable address `offset` behind one; None where the network has none there, false for what is no address. */
function neighbour(value: unknown, offset: number): unknown {
  const address = parseAddress(printed(value));
  if (!address) return false;
  if (sizeOf(address) === 1n) return null;
  const { first, last, version } = usableOf(address);
  const wanted = address.value + BigInt(offset);
  return wanted >= first && wanted <= last ? formatAddress(wanted, version) : null;
}

/** In square brackets where it is IPv6, as URLs need it; anything else stays. */
function wrapped(value: unknown): unknown {
  if (isList(value)) return value.map(wrapped);
  const address = parseNumericAddress(printed(value));
  return address ? bracketed(address) : value;
}

/** The largest networks that hold just the addresses of `addresses`. */
function merged(addresses: readonly Address[]): string[] {
  const ranges = addresses
    .map(wholeOf)
    .sort((a, b) => a.version - b.version || (a.first < b.first ? -1 : a.first > b.first ? 1 : 0));
  const joined: { version: 4 | 6; first: bigint; last: bigint }[] = [];
  for (const range of ranges) {
    const before = joined.at(-1);
    if (before?.version === range.version && range.first <= before.last + 1n) {
      if (range.last > before.last) before.last = range.last;
    } else joined.push({ ...range });
  }
  return joined.flatMap(({ version, first, last }) => {
    const networks: string[] = [];
    for (let at = first; at <= last; ) {
      let size = 1n;
      while (at % (size * 2n) === 0n && at + size * 2n - 1n <= last) size *= 2n;
      networks.push(`${formatAddress(at, version)}/${bitsOf(version) - size.toString(2).length + 1}`);
      at += size;
    }
    return networks;
  });
}

/** The smallest network that holds all. */
function spanning(addresses: readonly Address[]): string | null {
  const [first] = addresses;
  if (!first) return null;
  if (addresses.some(({ version }) => version !== first.version)) throw new Fault('the addresses are of two versions');
  for (let prefix = Math.min(...addresses.map((each) => each.prefix)); prefix > 0; prefix--) {
    const network = networkOf({ ...first, prefix });
    if (addresses.every((each) => networkOf({ ...each, prefix }) === network)) {
      return `${formatAddress(network, first.version)}/${prefix}`;
    }
  }
  return `${formatAddress(0n, first.version)}/0`;
}

function usableRange(value: unknown): Map<string, unknown> {
  const address = asAddress(value);
  if (address.value !== networkOf(address)) throw new Fault(`'${printed(value)}' has bits of a host`);
  const size = sizeOf(address);
  checkItems(Number(size));
  const first = networkOf(address);
  const ips = Array.from({ length: Number(size) }, (_, index) => formatAddress(first + BigInt(index), address.version));
  return new Map<string, unknown>([
    ['usable_ips', ips],
    ['number_of_ips', Number(size)],
  ]);
}

/** All eight groups of four digits, as certificates need it without the leading zeros. */
function sixForm(value: unknown, form: string): string {
  const { value: number, version } = asAddress(value);
  if (version === 4 || form === 'compress') return formatAddress(number, version);
  const groups = Array.from({ length: 8 }, (_, index) => ((number >> BigInt(112 - 16 * index)) & 0xffffn).toString(16));
  if (form === 'x509') return groups.join(':');
  if (form === 'expand') return groups.map((group) => group.padStart(4, '0')).join(':');
  throw new Fault("'format' must be 'expand', 'compress' or 'x509'");
}

const pairs = (mac: string): string[] => mac.match(/../g) ?? [];

const macForms: Readonly<Record<string, (mac: string) => unknown>> = {
  bare: (mac) => mac.toUpperCase(),
  bool: () => true,
  cisco: (mac) => (mac.match(/.{4}/g) ?? []).join('.'),
  eui48: (mac) => pairs(mac).join('-').toUpperCase(),
  int: (mac) => Number.parseInt(mac, 16),
  linux: (mac) => pairs(mac).join(':'),
  pgsql: (mac) => `${mac.slice(0, 6)}:${mac.slice(6)}`,
  postgresql: (mac) => `${mac.slice(0, 6)}:${mac.slice(6)}`,
  psql: (mac) => `${mac.slice(0, 6)}:${mac.slice(6)}`,
  unix: (mac) =>
    pairs(mac)
      .map((pair) => pair.replace(/^0/, ''))
      .join(':'),
  win: (mac) => pairs(mac).join('-').toUpperCase(),
};

/** A hardware address in one of its forms; without a form itself, or false when it is none. */
function hardware(value: unknown, form: string): unknown {
  const mac = macOf(printed(value));
  if (form === '') return mac === undefined ? null : value;
  const shape = Object.hasOwn(macForms, form) ? macForms[form] : undefined;
  if (!shape)
    throw new Fault(`there is no hardware address form '${form}'`, { hint: Object.keys(macForms).join(', ') });
  if (mac !== undefined) return shape(mac);
  if (form === 'bool') return null;
  throw new Fault(`'${printed(value)}' is not a hardware address`);
}

/** RFC 4291 appendix A: the address of a network's host by its hardware address. */
function slaac(value: unknown, mac: unknown): unknown {
  const address = parseAddress(printed(value));
  const digits = macOf(printed(mac));
  if (address?.version !== 6 || digits === undefined) return false;
  const eui = BigInt(`0x${digits.slice(0, 6)}fffe${digits.slice(6)}`) ^ (2n << 56n);
  return formatAddress(networkOf(address) + eui, 6);
}

/** The first bits of an address (the last, when negative), by octets or groups. */
function cut(value: unknown, amount: number): string {
  const { value: number, version } = plain(value);
  const bits = number.toString(2).padStart(bitsOf(version), '0');
  const part = amount < 0 ? bits.slice(amount) : bits.slice(0, amount);
  const [size, base, mark] = version === 4 ? [8, 10, '.'] : [16, 16, ':'];
  const groups = part.match(new RegExp(`.{1,${size}}`, 'g')) ?? [];
  return groups.map((group) => Number.parseInt(group, 2).toString(base)).join(mark);
}

const query = plugin('query?, alias?', (value, [form]) => hardware(value, asText(form ?? '', 'query')));

export const usableFilters = {
  ipwrap: plugin('query?', wrapped),
  next_nth_usable: plugin('offset', (value, [offset]) => neighbour(value, asWhole(offset, 'offset'))),
  previous_nth_usable: plugin('offset', (value, [offset]) => neighbour(value, -asWhole(offset, 'offset'))),
  network_in_usable: plugin('test', (value, [test]) => {
    const [outer, inner] = [parseAddress(printed(value)), parseAddress(printed(test))];
    return outer !== undefined && inner !== undefined && within(wholeOf(inner), usableOf(outer));
  }),
  reduce_on_network: plugin('network', (value, [network]) => {
    const outer = parseAddress(printed(network));
    const inside = (address: Address | undefined) => outer && address && within(wholeOf(address), wholeOf(outer));
    return asList(value).filter((item) => inside(parseAddress(printed(item))));
  }),
  usable_range: plugin('', usableRange),
  cidr_merge: plugin('action?', (value, [action]) => {
    const addresses = (typeof value === 'string' ? [value] : asList(value)).map(asAddress);
    if (action === 'span') return spanning(addresses);
    if ((action ?? 'merge') === 'merge') return merged(addresses);
    throw new Fault("'action' must be 'merge' or 'span'");
  }),
  ipv6form: plugin('format', (value, [form]) => sixForm(value, asText(form, 'format'))),
  ip4_hex: plugin('delimiter?', (value, [delimiter]) => {
    const { value: number, version } = plain(value);
    if (version !== 4) throw new Fault("filter 'ip4_hex' needs an IPv4 address");
    return pairs(number.toString(16).padStart(8, '0')).join(asText(delimiter ?? '', 'delimiter'));
  }),
  ipcut: plugin('amount', (value, [amount]) => cut(value, asWhole(amount, 'amount'))),
  hwaddr: query,
  macaddr: query,
  slaac: plugin('query?', (value, [mac]) => slaac(value, mac ?? '')),
};
