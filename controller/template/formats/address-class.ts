import { type Address, networkOf, parseAddress } from './address.ts';

/** IANA's special-purpose blocks (RFC 6890), as far as labs meet them. */
const blocks = {
  private: [
    ...['0.0.0.0/8', '10.0.0.0/8', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12', '192.0.0.0/24', '192.0.2.0/24'],
    ...['192.168.0.0/16', '198.18.0.0/15', '198.51.100.0/24', '203.0.113.0/24', '240.0.0.0/4'],
    ...['::/128', '::1/128', '64:ff9b:1::/48', '100::/64', '2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20'],
    ...['fc00::/7', 'fe80::/10'],
  ],
  /** What the world reaches all the same. */
  assigned: [
    ...['192.0.0.9/32', '192.0.0.10/32', '2001:1::1/128', '2001:1::2/128', '2001:3::/32', '2001:4:112::/48'],
    ...['2001:20::/28', '2001:30::/28'],
  ],
  /** Neither private nor public: what carriers share (RFC 6598), and IPv4 in IPv6. */
  shared: ['100.64.0.0/10', '::ffff:0:0/96'],
  loopback: ['127.0.0.0/8', '::1/128'],
  multicast: ['224.0.0.0/4', 'ff00::/8'],
  'link-local': ['169.254.0.0/16', 'fe80::/10'],
} as const;

/** True when the address lies in one of the blocks of that name. */
export function inClass(address: Address, name: keyof typeof blocks): boolean {
  return blocks[name].some((text) => {
    const block = parseAddress(text);
    return block?.version === address.version && networkOf({ ...address, prefix: block.prefix }) === block.value;
  });
}

/** True for what the world does not reach. */
export const isPrivate = (address: Address): boolean => inClass(address, 'private') && !inClass(address, 'assigned');
