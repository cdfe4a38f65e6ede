import { Fault } from '../fault.ts';

/** An IP address, or an interface address with its prefix length. */
export interface Address {
  readonly version: 4 | 6;
  readonly value: bigint;
  /** Prefix length; 32 or 128 when none was written. */
  readonly prefix: number;
  readonly hasPrefix: boolean;
}

export const bitsOf = (version: 4 | 6): number => (version === 4 ? 32 : 128);

function parse4(text: string): bigint | undefined {
  const parts = text.split('.');
  if (parts.length !== 4) return undefined;
  let value = 0n;
  for (const part of parts) {
    // A leading zero would be octal to some programs and decimal to others.
    if (!/^(0|[1-9]\d{0,2})$/.test(part) || Number(part) > 255) return undefined;
    value = value * 256n + BigInt(part);
  }
  return value;
}

/** RFC 4291 section 2.2: eight groups, one run of zeros as '::', the last 32 bits also dotted. */
function parse6(text: string): bigint | undefined {
  const dotted = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text);
  let body = text;
  if (dotted) {
    const tail = parse4(dotted[2] ?? '');
    if (tail === undefined) return undefined;
    body = `${dotted[1]}${(tail >> 16n).toString(16)}:${(tail & 0xffffn).toString(16)}`;
  }
  const halves = body.split('::');
  if (halves.length > 2) return undefined;
  const [head = [], tail = []] = halves.map((half) => (half === '' ? [] : half.split(':')));
  const zeros = 8 - head.length - tail.length;
  if (halves.length === 2 ? zeros < 1 : zeros !== 0) return undefined;
  const groups = [...head, ...Array.from({ length: zeros }, () => '0'), ...tail];
  if (!groups.every((group) => /^[\da-f]{1,4}$/i.test(group))) return undefined;
  return groups.reduce((value, group) => value * 65536n + BigInt(`0x${group}`), 0n);
}

/** A netmask or, as routers' access lists have it, a host mask. */
function parseMask(text: string): number | undefined {
  const mask = parse4(text);
  if (mask === undefined) return undefined;
  const bits = mask.toString(2).padStart(32, '0');
  if (/^1*0*$/.test(bits)) return bits.replace(/0+$/, '').length;
  return /^0*1*$/.test(bits) ? bits.replace(/1+$/, '').length : undefined;
}

/** Reads `10.0.0.1`, `/24`, `/255.255.255.0` or `/0.0.0.255` behind it, and `fd00::1/64`; undefined for anything else. */
export function parseAddress(text: string): Address | undefined {
  const [host = '', length, ...more] = text.split('/');
  if (more.length > 0) return undefined;
  const version = host.includes(':') ? 6 : 4;
  const value = version === 6 ? parse6(host) : parse4(host);
  if (value === undefined) return undefined;
  const bits = bitsOf(version);
  if (length === undefined) return { version, value, prefix: bits, hasPrefix: false };
  const prefix = /^\d{1,3}$/.test(length) ? Number(length) : version === 4 ? parseMask(length) : undefined;
  return prefix === undefined || prefix > bits ? undefined : { version, value, prefix, hasPrefix: true };
}

/** The same, or an address that is written as one whole number: of IPv4 where it and its prefix fit, else of IPv6. */
export function parseNumericAddress(text: string): Address | undefined {
  const [, digits, length] = /^(\d{1,39})(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  if (digits === undefined) return parseAddress(text);
  const value = BigInt(digits);
  const prefix = length === undefined ? undefined : Number(length);
  const version = value < 1n << 32n && (prefix ?? 0) <= 32 ? 4 : 6;
  const bits = bitsOf(version);
  if (value >= 1n << BigInt(bits) || (prefix ?? 0) > bits) return undefined;
  return { version, value, prefix: prefix ?? bits, hasPrefix: prefix !== undefined };
}

export function netmask({ version, prefix }: Address): bigint {
  const bits = BigInt(bitsOf(version));
  return ((1n << bits) - 1n) ^ ((1n << (bits - BigInt(prefix))) - 1n);
}

export const networkOf = (address: Address): bigint => address.value & netmask(address);

/** The highest address of its network. */
export const lastOf = (address: Address): bigint => networkOf(address) + sizeOf(address) - 1n;

export const sizeOf = ({ version, prefix }: Address): bigint => 1n << BigInt(bitsOf(version) - prefix);

/** Whether all of one network, or an address, is in another. */
export function liesIn(inner: Address, outer: Address): boolean {
  if (outer.version !== inner.version || inner.prefix < outer.prefix) return false;
  return networkOf({ ...inner, prefix: outer.prefix }) === networkOf(outer);
}

/** Text of an address with the prefix that was written; IPv6 in square brackets, as URLs need it. */
export function bracketed({ value, version, prefix, hasPrefix }: Address): string {
  const text = formatAddress(value, version);
  return `${version === 6 ? `[${text}]` : text}${hasPrefix ? `/${prefix}` : ''}`;
}

/** Text of an address; IPv6 by RFC 5952 (lower case, longest run of zero groups shortened). */
export function formatAddress(value: bigint, version: 4 | 6): string {
  if (value < 0n || value >= 1n << BigInt(bitsOf(version))) throw new Fault(`the address is outside of IPv${version}`);
  if (version === 4) return [24n, 16n, 8n, 0n].map((shift) => (value >> shift) & 255n).join('.');
  // Section 5: addresses that hold an IPv4 address show it.
  if (value >> 32n === 0xffffn) return `::ffff:${formatAddress(value & 0xffffffffn, 4)}`;
  const groups = Array.from({ length: 8 }, (_, index) => ((value >> BigInt(112 - 16 * index)) & 0xffffn).toString(16));
  const runs = [...groups.join(':').matchAll(/\b0(?::0\b)+/g)].map((run) => run[0]);
  const longest = runs.reduce((best, run) => (run.length > best.length ? run : best), '');
  if (longest === '') return groups.join(':');
  const text = groups.join(':');
  const at = text.search(new RegExp(`(?<![\\da-f])${longest}(?![\\da-f])`));
  return `${text.slice(0, at).replace(/:$/, '')}::${text.slice(at + longest.length).replace(/^:/, '')}`;
}
