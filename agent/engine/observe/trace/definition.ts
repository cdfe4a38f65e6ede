import { drop, type Place } from './places.ts';
import type { Syntax } from './syntax.ts';

/**
 * How events of functions are made: by the function tracer (6.5 and later), or by a breakpoint. Those of tracepoints are made
 * of the kernel's own events either way: of two that are made of one tracepoint itself, 6.12 serves only one.
 */
export type Form = 'fprobe' | 'kprobe';

/** Bytes of a packet that are kept: two headers of IP, the second quoted by an ICMP error, each with 8 bytes behind. */
const headBytes = { 4: 64, 6: 96 } as const;

/** Fields that filters compare: the kernel compares numbers only. Offsets from the header of IP (RFC 791, 8200) or ARP (826). */
const compared = {
  4: ['sa=12:x32', 'da=16:x32', 'pr=9:u8', 'spa=14:x32', 'tpa=24:x32'],
  6: ['s0=8:x64', 's1=16:x64', 'd0=24:x64', 'd1=32:x64', 'pr=6:u8', 't0=48:x64', 't1=56:x64'],
} as const;

/** One line for dynamic_events. Undefined: this kernel lacks what it needs. */
export function definition(group: string, place: Place, family: 4 | 6, form: Form, syntax: Syntax): string | undefined {
  const head = headOf(group, place.event, place.where, form);
  const packet = packetOf(place.where, syntax);
  if (packet === undefined) return undefined;
  const data = syntax.member(packet, 'sk_buff', 'data');
  const common = device(packet, syntax);
  const lengths = lengthsOf(packet, syntax);
  const protocol = syntax.member(packet, 'sk_buff', 'protocol');
  const header = headerLength(packet, syntax);
  if (!data || !common || !lengths || !protocol || !header) return undefined;
  const bytes = compared[family].map((field) =>
    field.replace(/=(\d+):/, (_all, at) => `=${behind(place.base + Number(at), data)}:`),
  );
  return [
    head,
    `skb=${packet}:x64`,
    ...common,
    ...lengths,
    `proto=${protocol}:x16`,
    ...(place.deviceHeader === undefined ? [] : [`hl=${header}:u16`]),
    ...bytes,
    `w=${behind(place.base, data)}:x64[${headBytes[family] / 8}]`,
  ].join(' ');
}

/** The line for drops. */
export function dropDefinition(group: string, form: Form, syntax: Syntax): string | undefined {
  const head = headOf(group, drop.event, drop, form);
  const packet = packetOf(drop, syntax);
  if (packet === undefined) return undefined;
  const common = device(packet, syntax);
  const lengths = lengthsOf(packet, syntax);
  const [data, start, network, protocol] = ['data', 'head', 'network_header', 'protocol'].map((name) =>
    syntax.member(packet, 'sk_buff', name),
  );
  if (!common || !lengths || !data || !start || !network || !protocol) return undefined;
  return [
    ...[head, `skb=${packet}:x64`, 'reason=$reason:u32', 'loc=$location:symbol', ...common, ...lengths],
    ...[`proto=${protocol}:x16`, `head=${start}:x64`, `data=${data}:x64`, `nh=${network}:u16`],
    `w=${behind(-drop.before, data)}:x64[${drop.bytes / 8}]`,
  ].join(' ');
}

function headOf(group: string, event: string, where: Place['where'], form: Form): string {
  const name = `${group}/${event}`;
  if ('tracepoint' in where) {
    const [system, tracepoint] = where.tracepoint;
    return `e:${name} ${system}.${tracepoint}`;
  }
  return `${form === 'fprobe' ? 'f' : 'p'}:${name} ${where.function}`;
}

function packetOf(where: Place['where'], syntax: Syntax): string | undefined {
  return 'function' in where ? syntax.param(where.function, where.packet) : `$${where.field}`;
}

/** Device and namespace that the packet is at. */
function device(packet: string, syntax: Syntax): readonly string[] | undefined {
  const dev = syntax.member(packet, 'sk_buff', 'dev');
  const name = dev && syntax.member(dev, 'net_device', 'name');
  const net = dev && syntax.member(dev, 'net_device', 'nd_net.net');
  const inode = net && syntax.member(net, 'net', 'ns.inum');
  return name && inode ? [`dev=${name}:string`, `ns=${inode}:u32`] : undefined;
}

/** Bytes of a packet, and those of them that lie in pages of their own, where an event can't read. */
function lengthsOf(packet: string, syntax: Syntax): readonly string[] | undefined {
  const [all, inPages] = ['len', 'data_len'].map((name) => syntax.member(packet, 'sk_buff', name));
  return all && inPages ? [`len=${all}:u32`, `pages=${inPages}:u32`] : undefined;
}

function headerLength(packet: string, syntax: Syntax): string | undefined {
  const dev = syntax.member(packet, 'sk_buff', 'dev');
  return dev && syntax.member(dev, 'net_device', 'hard_header_len');
}

function behind(offset: number, pointer: string): string {
  return `${offset < 0 ? '' : '+'}${offset}(${pointer})`;
}
