import { cidrText, formatIp, networkOf, parseCidr, parseIp } from '../ip-address.ts';
import { flag, number, type Row, text } from '../rows.ts';
import { fitsLifetime, type Lifetime, lifetimeOf } from './lifetime.ts';
import type { AddressFields } from './params.ts';

/** One address of a link, as `ip -d address show` lists it; in a wanted one, undefined is the kernel's choice. */
export interface AddressRow {
  readonly family: 4 | 6;
  readonly address: string;
  readonly prefix: number;
  readonly peer: string | undefined;
  readonly scope: string | undefined;
  readonly label: string | undefined;
  readonly broadcast: string | undefined;
  readonly metric: number | undefined;
  /** A number in hex. */
  readonly protocol: string | undefined;
  readonly noprefixroute: boolean | undefined;
  readonly nodad: boolean | undefined;
  readonly home: boolean | undefined;
  readonly mngtmpaddr: boolean | undefined;
  readonly autojoin: boolean | undefined;
  readonly valid: Lifetime | undefined;
  readonly preferred: Lifetime | undefined;
  /** IPv4: not the first address of its network on this link. IPv6: a temporary address. */
  readonly secondary: boolean;
}

/** iproute2's names for those that made an address (rt_addrprotos). */
const makers: Readonly<Record<string, number>> = { kernel_lo: 1, kernel_ra: 2, kernel_ll: 3 };

function protocolText(protocol: string | number | undefined): string | undefined {
  if (protocol === undefined) return undefined;
  return `0x${(makers[protocol] ?? Number(protocol)).toString(16)}`;
}

export function addressRow(row: Row, dev: string): AddressRow {
  const family = text(row, 'family') === 'inet6' ? 6 : 4;
  const deprecated = flag(row, 'deprecated');
  return {
    family,
    address: text(row, 'local') ?? '',
    prefix: number(row, 'prefixlen') ?? 0,
    // "address" is the other end; ip leaves it out where it equals "local".
    peer: text(row, 'address'),
    scope: text(row, 'scope'),
    label: family === 4 ? (text(row, 'label') ?? dev) : undefined,
    broadcast: text(row, 'broadcast'),
    metric: number(row, 'metric'),
    protocol: protocolText(text(row, 'protocol')),
    noprefixroute: flag(row, 'noprefixroute'),
    nodad: flag(row, 'nodad'),
    home: flag(row, 'home'),
    mngtmpaddr: flag(row, 'mngtmpaddr'),
    autojoin: flag(row, 'autojoin'),
    valid: lifetimeOf(number(row, 'valid_life_time')),
    // IPv4 shows the time that a deprecated address was given at first.
    preferred: deprecated ? 0 : lifetimeOf(number(row, 'preferred_life_time')),
    secondary: flag(row, 'secondary') || flag(row, 'temporary'),
  };
}

/** The address that the task names, in the kernel's spelling. */
export function wantedAddress(params: AddressFields): AddressRow | undefined {
  const cidr = parseCidr(params.address ?? params.cidr ?? '');
  if (cidr === undefined) return undefined;
  const { family, address } = cidr;
  const { scope, label, metric, noprefixroute, nodad, home, mngtmpaddr, autojoin, prefix = cidr.prefix } = params;
  const peer = params.peer === undefined ? undefined : parseIp(params.peer);
  // Each name by itself: V8 takes microseconds for every one that is added to what was spread.
  return {
    ...{ family, address, prefix, scope, label, metric, noprefixroute, nodad, home, mngtmpaddr, autojoin },
    peer: peer && formatIp(peer),
    broadcast: params.broadcast === '+' ? lastOf(cidrText({ family, address, prefix })) : params.broadcast,
    protocol: protocolText(params.protocol),
    valid: params.valid_lft,
    preferred: params.preferred_lft,
    secondary: false,
  };
}

function lastOf(text: string): string | undefined {
  const cidr = parseCidr(text);
  const first = cidr && parseIp(networkOf(cidr).address);
  if (cidr === undefined || first === undefined) return undefined;
  return formatIp({ family: 4, value: first.value + (1n << BigInt(32 - cidr.prefix)) - 1n });
}

/** The kernel's key: local, prefix and peer for IPv4; the local address alone for IPv6. */
export function sameKey(a: AddressRow, b: AddressRow): boolean {
  if (a.family !== b.family || a.address !== b.address) return false;
  return a.family === 6 || (a.prefix === b.prefix && a.peer === b.peer);
}

const compared = [
  ...(['prefix', 'scope', 'label', 'broadcast', 'metric', 'protocol'] as const),
  ...(['noprefixroute', 'nodad', 'home', 'mngtmpaddr', 'autojoin'] as const),
] as const;

/** Whether an address of the link is the wanted one; what the task leaves open is as it is. */
export function satisfies(row: AddressRow, wanted: AddressRow): boolean {
  return (
    sameKey(row, wanted) &&
    wanted.peer === row.peer &&
    compared.every((key) => wanted[key] === undefined || wanted[key] === row[key]) &&
    fitsLifetime(row.valid ?? 'forever', wanted.valid) &&
    fitsLifetime(row.preferred ?? 'forever', wanted.preferred)
  );
}

/** The wanted address in the place of one of the same key: what the task leaves open stays. */
export function inPlaceOf(wanted: AddressRow, row: AddressRow): AddressRow {
  const said = Object.fromEntries(Object.entries(wanted).filter(([, value]) => value !== undefined));
  return { ...row, ...said, peer: wanted.peer, secondary: row.secondary };
}

/**
 * Whether `ip address replace` makes the one of the other. IPv4: lifetimes, metric and protocol alone (net/ipv4/devinet.c,
 * inet_rtm_newaddr); IPv6: all but the prefix and the group, and a metric or peer only becomes another one
 * (net/ipv6/addrconf.c, inet6_addr_modify).
 */
export function changesInPlace(a: AddressRow, b: AddressRow): boolean {
  const equal = (keys: readonly (keyof AddressRow)[]) => keys.every((key) => a[key] === b[key]);
  if (a.family === 4) return equal(['scope', 'label', 'broadcast', 'noprefixroute', 'autojoin', 'peer', 'prefix']);
  const alike = (key: 'metric' | 'peer') => (a[key] === undefined) === (b[key] === undefined);
  return equal(['prefix', 'autojoin']) && alike('metric') && alike('peer');
}

/** Addresses that the kernel makes by itself: of lo, link-local, temporary, and those that routers announced. */
export function isKernelMade(row: AddressRow, dev: string): boolean {
  const ofLo = dev === 'lo' && ['127.0.0.1/8', '::1/128'].includes(cidrText(row));
  const made = row.protocol !== undefined && Object.values(makers).includes(Number(row.protocol));
  const linkLocal = row.family === 6 && row.scope === 'link';
  // Before Linux 5.18 nothing says who made an address.
  const announced = row.family === 6 && row.mngtmpaddr === true && row.valid !== 'forever';
  return ofLo || made || linkLocal || announced || (row.family === 6 && row.secondary);
}

/** "10.0.0.1/24", or "10.0.0.1 peer 10.0.0.2/32". */
export function addressText(row: AddressRow): string {
  const own = row.peer === undefined ? cidrText(row) : `${row.address} peer ${row.peer}/${row.prefix}`;
  return row.family === 6 || row.scope === undefined || row.scope === 'global' ? own : `${own} scope ${row.scope}`;
}
