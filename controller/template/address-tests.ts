import { type Address, parseAddress } from './address.ts';
import { inClass } from './address-class.ts';
import { plugin } from './plugin.ts';
import { str } from './text.ts';

const is = (holds: (address: Address) => boolean) =>
  plugin('', (value) => {
    const address = parseAddress(str(value));
    return address !== undefined && holds(address);
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
      version === 4 && !hasPrefix && /^1*0*$/.test(value.toString(2).padStart(32, '0')),
  ),
  private: is((address) => inClass(address, 'private')),
  public: is((address) => inClass(address, 'public')),
  loopback: is((address) => inClass(address, 'loopback')),
  multicast: is((address) => inClass(address, 'multicast')),
};
