import { type Address, networkOf, parseAddress } from './address.ts';

/** IANA's special-purpose blocks (RFC 6890), as far as labs meet them. */
const blocks = {
  private: [
    ...['0.0.0.0/8', '10.0.0.0/8', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12', '192.0.0.0/29', '192.0.2.0/24'],
    ...['192.168.0.0/16', '198.18.0.0/15', '198.51.100.0/24', '203.0.113.0/24', '240.0.0.0/4'],
    ...['::/128', '::1/128', '::ffff:0:0/96', '100::/64', '2001::/23', '2001:db8::/32', 'fc00::/7', 'fe80::/10'],
  ],
  loopback: ['127.0.0.0/8', '::1/128'],
  multicast: ['224.0.0.0/4', 'ff00::/8'],
  'link-local': ['169.254.0.0/16', 'fe80::/10'],
} as const;

/** True when the address lies in one of the blocks of that name; public is what is neither private nor multicast. */
export function inClass(address: Address, name: keyof typeof blocks | 'public'): boolean {
  if (name === 'public') return !inClass(address, 'private') && !inClass(address, 'multicast');
  return blocks[name].some((text) => {
    const block = parseAddress(text);
    return block?.version === address.version && networkOf({ ...address, prefix: block.prefix }) === block.value;
  });
}
