import { type Address, networkOf, parseAddress } from './address.ts';
import { inClass } from './address-class.ts';
import { macOf } from './hardware-address.ts';
import { plugin } from './plugin.ts';
import { str } from './text.ts';
import { isList } from './values.ts';

const is = (holds: (address: Address) => boolean) =>
  plugin('', (value) => {
    const address = parseAddress(str(value));
    return address !== undefined && holds(address);
  });

function liesIn(inner: Address, outer: Address | undefined): boolean {
  if (outer?.version !== inner.version || inner.prefix < outer.prefix) return false;
  return networkOf({ ...inner, prefix: outer.prefix }) === networkOf(outer);
}

const inside = plugin('other', (value, [other]) => {
  const inner = parseAddress(str(value));
  const outers = isList(other) ? other : [other];
  return outers.some((outer) => inner !== undefined && liesIn(inner, parseAddress(str(outer))));
});

/** Ansible's ansible.utils tests of addresses. */
export const addressTests = {
  ip: is(() => true),
  ip_address: is(({ hasPrefix }) => !hasPrefix),
  ipv4: is(({ version }) => version === 4),
  ipv6: is(({ version }) => version === 6),
  ipv4_address: is(({ version, hasPrefix }) => version === 4 && !hasPrefix),
  ipv6_address: is(({ version, hasPrefix }) => version === 6 && !hasPrefix),
  ipv4_netmask: is(
    ({ version, value, hasPrefix }) =>
      version === 4 && !hasPrefix && value !== 0n && /^1*0*$/.test(value.toString(2).padStart(32, '0')),
  ),
  ipv4_hostmask: is(
    ({ version, value, hasPrefix }) =>
      version === 4 && !hasPrefix && value !== 0xffffffffn && /^0*1+$/.test(value.toString(2).padStart(32, '0')),
  ),
  unspecified: is(({ value, hasPrefix }) => value === 0n && !hasPrefix),
  reserved: is(({ version, value, hasPrefix }) => !hasPrefix && version === 4 && value >> 28n === 15n),
  mac: plugin('', (value) => typeof value === 'string' && macOf(value) !== undefined),
  in_network: inside,
  subnet_of: inside,
  in_one_network: inside,
  in_any_network: inside,
  supernet_of: plugin('other', (value, [other]) => {
    const inner = parseAddress(str(other));
    return inner !== undefined && liesIn(inner, parseAddress(str(value)));
  }),
  private: is((address) => !address.hasPrefix && inClass(address, 'private')),
  public: is((address) => !address.hasPrefix && !inClass(address, 'private')),
  loopback: is((address) => inClass(address, 'loopback')),
  multicast: is((address) => inClass(address, 'multicast')),
};
