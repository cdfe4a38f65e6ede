import { plugin } from '../plugin.ts';
import { str } from '../python/text.ts';
import { isList } from '../python/values.ts';
import { type Address, liesIn, networkOf, parseAddress } from './address.ts';
import { inClass, isPrivate } from './address-class.ts';

/** An address, or a network: below its prefix nothing may be written. */
function parseStrictly(value: unknown): Address | undefined {
  const address = parseAddress(str(value));
  return address && networkOf(address) === address.value ? address : undefined;
}

const is = (holds: (address: Address) => boolean) =>
  plugin('', (value) => {
    const address = parseStrictly(value);
    return address !== undefined && holds(address);
  });

const isAddress = (holds: (address: Address) => boolean) => is((address) => !address.hasPrefix && holds(address));

/** Of IPv4 that IPv6 holds, the IPv4 address decides, as for Python from 3.13 on. */
const isKind = (holds: (address: Address) => boolean) =>
  isAddress((address) =>
    holds(
      address.value >> 32n === 0xffffn
        ? { version: 4, value: address.value & 0xffffffffn, prefix: 32, hasPrefix: false }
        : address,
    ),
  );

const isWithin = (inner: Address | undefined, outer: Address | undefined): boolean =>
  inner !== undefined && outer !== undefined && liesIn(inner, outer);

/** In how many of the networks the address or network lies. */
function countOf(value: unknown, networks: unknown): number {
  const inner = parseStrictly(value);
  return (isList(networks) ? networks : [networks]).filter((outer) => isWithin(inner, parseStrictly(outer))).length;
}

const inside = plugin('other', (value, [other]) => countOf(value, other) > 0);

/** RFC 4291, section 4: what IANA keeps of IPv6, all but global, local and multicast addresses; of IPv4 class E. */
function isReserved({ version, value }: Address): boolean {
  if (version === 4) return value >> 28n === 15n;
  return value >> 125n !== 1n && value >> 121n !== 0x7en && value >> 119n !== 0x1fdn && value >> 120n !== 0xffn;
}

/** Twelve digits by pairs or by fours, as Ansible's test knows them; the filters know more. */
const macForm = /^(?:(?:[\da-f]{2}[-:]){5}[\da-f]{2}|(?:[\da-f]{4}\.){2}[\da-f]{4}|[\da-f]{12})$/i;

/** Ansible's ansible.utils tests of addresses. */
export const addressTests = {
  ip: is(() => true),
  ip_address: isAddress(() => true),
  ipv4: is(({ version }) => version === 4),
  ipv6: is(({ version }) => version === 6),
  ipv4_address: isAddress(({ version }) => version === 4),
  ipv6_address: isAddress(({ version }) => version === 6),
  ipv4_netmask: isAddress(
    ({ version, value }) => version === 4 && value !== 0n && /^1*0*$/.test(value.toString(2).padStart(32, '0')),
  ),
  ipv4_hostmask: isAddress(
    ({ version, value }) =>
      version === 4 && value !== 0xffffffffn && /^0*1+$/.test(value.toString(2).padStart(32, '0')),
  ),
  // RFC 4291, section 2.5.5.2; RFC 3056; RFC 4380.
  ipv6_ipv4_mapped: isAddress(({ version, value }) => version === 6 && value >> 32n === 0xffffn),
  ipv6_sixtofour: isAddress(({ version, value }) => version === 6 && value >> 112n === 0x2002n),
  ipv6_teredo: isAddress(({ version, value }) => version === 6 && value >> 96n === 0x20010000n),
  unspecified: isKind(({ value }) => value === 0n),
  reserved: isKind(isReserved),
  mac: plugin('', (value) => typeof value === 'string' && macForm.test(value)),
  in_network: inside,
  subnet_of: inside,
  in_any_network: inside,
  in_one_network: plugin('other', (value, [other]) => countOf(value, other) === 1),
  supernet_of: plugin('other', (value, [other]) => isWithin(parseStrictly(other), parseStrictly(value))),
  private: isKind(isPrivate),
  public: isKind((address) => !isPrivate(address) && !inClass(address, 'shared')),
  loopback: isKind((address) => inClass(address, 'loopback')),
  multicast: isKind((address) => inClass(address, 'multicast')),
};
