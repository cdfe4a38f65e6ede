import { formatIp } from '../../../modules/shared/ip-address.ts';
import { icmp, icmp6, tcp, udp } from './flow.ts';

/** What the first bytes of a packet say. */
export interface Header {
  readonly arp: boolean;
  /** Addresses; those of sender and target for ARP. */
  readonly from: Buffer;
  readonly to: Buffer;
  /** Number of the IP protocol; 0 for ARP. */
  readonly protocol: number;
  readonly ttl: number;
  /** Bytes of the packet by its own word; 0 for ARP. */
  readonly length: number;
  /** Operation of ARP, type of ICMP. */
  readonly type: number;
  readonly code: number;
  /** Identifier of an ICMP echo, or source port. */
  readonly ident: number;
  /** Sequence number of an ICMP echo, or destination port. */
  readonly sequence: number;
  /** Only the first fragment has what is behind the header of IP. */
  readonly laterFragment: boolean;
  /** What is behind the header of IP could not be read: large packets come in with it in a page of its own. */
  readonly isBare: boolean;
  /** Whom neighbour discovery asks for. */
  readonly target?: Buffer | undefined;
  /** The packet that an ICMP error is about. */
  readonly quoted?: Header | undefined;
}

const nothing = {
  ...{ arp: false, ttl: 0, length: 0, type: 0, code: 0, ident: 0, sequence: 0 },
  ...{ laterFragment: false, isBare: false },
};

/** Reads a header of IPv4 (RFC 791) or IPv6 (RFC 8200) and what follows. Undefined: it is none, or too short. */
export function readIp(bytes: Buffer, mayQuote = true): Header | undefined {
  const version = (bytes[0] ?? 0) >> 4;
  if (version === 4) return readV4(bytes, mayQuote);
  return version === 6 ? readV6(bytes, mayQuote) : undefined;
}

/** ARP of IPv4 over Ethernet (RFC 826). */
export function readArp(bytes: Buffer): Header | undefined {
  if (bytes.length < 28 || bytes.readUInt16BE(2) !== 0x0800 || bytes[4] !== 6 || bytes[5] !== 4) return undefined;
  const [from, to] = [bytes.subarray(14, 18), bytes.subarray(24, 28)];
  return { ...nothing, arp: true, from, to, protocol: 0, type: bytes.readUInt16BE(6) };
}

function readV4(bytes: Buffer, mayQuote: boolean): Header | undefined {
  const words = (bytes[0] ?? 0) & 0xf;
  if (bytes.length < 20 || words < 5) return undefined;
  const protocol = bytes[9] ?? 0;
  const base = {
    ...{ from: bytes.subarray(12, 16), to: bytes.subarray(16, 20), protocol },
    ...{ ttl: bytes[8] ?? 0, length: bytes.readUInt16BE(2) },
  };
  if ((bytes.readUInt16BE(6) & 0x1fff) !== 0) return { ...nothing, ...base, laterFragment: true };
  return { ...nothing, ...base, ...readNext(protocol, bytes.subarray(4 * words), mayQuote) };
}

function readV6(bytes: Buffer, mayQuote: boolean): Header | undefined {
  if (bytes.length < 40) return undefined;
  const protocol = bytes[6] ?? 0;
  return {
    ...nothing,
    ...{ from: bytes.subarray(8, 24), to: bytes.subarray(24, 40), protocol },
    ...{ ttl: bytes[7] ?? 0, length: bytes.readUInt16BE(4) + 40 },
    ...readNext(protocol, bytes.subarray(40), mayQuote),
  };
}

function readNext(protocol: number, bytes: Buffer, mayQuote: boolean): Partial<Header> {
  if (bytes.length < 8) return { isBare: true };
  if (protocol === tcp || protocol === udp) return { ident: bytes.readUInt16BE(0), sequence: bytes.readUInt16BE(2) };
  if (protocol !== icmp && protocol !== icmp6) return {};
  const [type = 0, code = 0] = bytes;
  if (isEcho(protocol, type)) return { type, code, ident: bytes.readUInt16BE(4), sequence: bytes.readUInt16BE(6) };
  if (protocol === icmp6 && (type === 135 || type === 136)) return { type, code, target: bytes.subarray(8, 24) };
  return { type, code, quoted: mayQuote && isError(protocol, type) ? readIp(bytes.subarray(8), false) : undefined };
}

export function isEcho(protocol: number, type: number): boolean {
  return protocol === icmp ? type === 8 || type === 0 : type === 128 || type === 129;
}

/** Errors quote the packet that they are about (RFC 792; RFC 4443: types below 128). */
function isError(protocol: number, type: number): boolean {
  return protocol === icmp ? [3, 4, 5, 11, 12].includes(type) : type < 128;
}

export function addressText(bytes: Buffer): string {
  return formatIp({ family: bytes.length === 4 ? 4 : 6, value: BigInt(`0x${bytes.toString('hex') || '0'}`) });
}
