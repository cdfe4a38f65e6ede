import * as z from 'zod';
import type { TaskNeed } from '../../module.ts';
import { checked, inNetns, ipAddress, ipCidr, linkName, otherFamily, presence, u32 } from '../fields.ts';
import { parseCidr, parseIp } from '../ip-address.ts';
import { releaseNeeds } from '../release-needs.ts';
import { lifetime } from './lifetime.ts';

const broadcast = checked((text) =>
  text === '+' || parseIp(text)?.family === 4 ? undefined : `${JSON.stringify(text)} is neither + nor an IPv4 address`,
);

/** What a task says of one address, with its link. */
export const addressFields = z.strictObject({
  address: ipCidr
    .optional()
    .describe('IPv4 or IPv6 address; with its prefix ("172.16.91.101/24"), or bare beside `prefix`.'),
  cidr: ipCidr.optional().describe('The same as `address` with prefix.'),
  prefix: z.int().min(0).max(128).optional().describe('Prefix length in bits, when the address has none.'),
  dev: linkName.describe('Link that gets the address.'),
  scope: z
    .enum(['global', 'site', 'link', 'host'])
    .optional()
    .describe("IPv4: where it is valid; default: the kernel's, global."),
  peer: ipAddress.optional().describe('Address of the other end of a point-to-point link; the prefix is then its.'),
  broadcast: broadcast.optional().describe('IPv4: broadcast address; +: the last of the network; default: none shown.'),
  label: z
    .string()
    .max(15)
    .regex(/^[^\s/]+$/, 'a label has no blank and no /')
    .optional()
    .describe("IPv4: name shown with the address; default: the link's name. Starts with the link's name."),
  metric: u32.optional().describe('Metric of the route to the network of the address.'),
  protocol: z
    .int()
    .min(1)
    .max(255)
    .optional()
    .describe('Who made the address, a number; takes Linux 5.18 and iproute2 6.3.'),
  noprefixroute: z.boolean().optional().describe('No route to the network of the address.'),
  valid_lft: lifetime
    .optional()
    .describe('Seconds until the kernel removes it, or forever; default: what it is, for a new one forever.'),
  preferred_lft: lifetime.optional().describe('Seconds until new connections no longer use it, or forever.'),
  nodad: z.boolean().optional().describe('IPv6: usable at once, without duplicate address detection.'),
  home: z.boolean().optional().describe('IPv6: home address of Mobile IPv6 (RFC 6275).'),
  mngtmpaddr: z.boolean().optional().describe('IPv6: temporary addresses are made from it (RFC 8981); prefix 64.'),
  autojoin: z.boolean().optional().describe('Multicast: the host joins the group.'),
});
export type AddressFields = z.infer<typeof addressFields>;

export const addressParams = z.strictObject({
  ...addressFields.shape,
  netns: inNetns,
  state: presence.describe('Whether the address is there.'),
});

/** What a host must have for an address (IFA_PROTO; `proto` of ip-address(8)). */
export function addressNeeds({ protocol }: AddressFields): readonly TaskNeed[] {
  return protocol === undefined ? [] : releaseNeeds('protocol', '5.18', '6.3');
}

type Found = [keyof AddressFields, string][];

/** What a task cannot say together. */
export function addressContradictions(params: AddressFields): Found {
  const found: Found = [];
  const text = params.address ?? params.cidr;
  if (text === undefined) return [['address', 'say the address, such as 172.16.91.101/24']];
  if (params.address !== undefined && params.cidr !== undefined) found.push(['cidr', 'say address or cidr, not both']);
  const cidr = parseCidr(text);
  if (cidr === undefined) return found;
  const own = text.includes('/');
  if (own && params.prefix !== undefined) found.push(['prefix', `${text} has its prefix already`]);
  if (!own && params.prefix === undefined) found.push(['prefix', `say the prefix: ${text}/24, or prefix: 24`]);
  if (cidr.family === 4 && (params.prefix ?? 0) > 32) found.push(['prefix', 'an IPv4 prefix is 0-32 bits']);
  return [...found, ...ofTheFamily(params, cidr.family), ...ofTheKind(params, cidr.address)];
}

function ofTheFamily(params: AddressFields, family: 4 | 6): Found {
  const found: Found = [];
  if (family === 4) {
    if (params.nodad) found.push(['nodad', 'IPv4 has no duplicate address detection']);
    for (const key of ['home', 'mngtmpaddr'] as const) if (params[key]) found.push([key, 'is for IPv6 addresses']);
  } else {
    for (const key of ['label', 'broadcast'] as const)
      if (params[key] !== undefined) found.push([key, `only IPv4 addresses have a ${key}`]);
    const own = scopeOf(params.address ?? params.cidr ?? '');
    if (params.scope !== undefined && params.scope !== own)
      found.push(['scope', `an IPv6 address has the scope of its kind; this one's is ${own}`]);
  }
  if (params.peer !== undefined && params.peer.includes(':') !== (family === 6)) {
    found.push(['peer', otherFamily]);
  }
  return found;
}

/** The scope that an IPv6 address has by its kind (RFC 4291; net/ipv6/addrconf_core.c). */
function scopeOf(address: string): string {
  if (/^fe[89ab]/i.test(address)) return 'link';
  if (/^fe[c-f]/i.test(address)) return 'site';
  return parseCidr(address.replace(/\/.*/, ''))?.address === '::1' ? 'host' : 'global';
}

function ofTheKind(params: AddressFields, address: string): Found {
  const found: Found = [];
  const { label, dev, valid_lft = 'forever', preferred_lft = 0 } = params;
  if (label !== undefined && !label.startsWith(dev)) {
    found.push(['label', `a label starts with the link's name: ${dev}:${label}`]);
  }
  const multicast = /^(ff|22[4-9]\.|23\d\.)/i.test(address);
  if (params.autojoin && !multicast) found.push(['autojoin', 'only multicast addresses join groups']);
  if (valid_lft === 0) found.push(['valid_lft', 'an address that is valid for no time is absent']);
  if (valid_lft !== 'forever' && (preferred_lft === 'forever' || preferred_lft > valid_lft))
    found.push(['preferred_lft', 'cannot be longer than valid_lft']);
  return found;
}
