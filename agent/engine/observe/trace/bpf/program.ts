import { etherTypes } from '../filter.ts';
import type { WatchedFlow } from '../flow.ts';
import type { Place } from '../places.ts';
import { Assembler, type Register } from './assembler.ts';
import type { Layout } from './layout.ts';
import { matchArp, matchIp, passProtocol, type Ways } from './match.ts';
import { atFirstPage, roomBytes } from './pages.ts';
import { partBytes, record } from './record.ts';
import { address, helper, stack } from './stack.ts';

/** What is kept in registers, as few as can be: each that a program uses is saved and brought back for every packet. */
const packet: Register = 6;
const header: Register = 7;
/** How many bytes of the header, with what follows, lie in one piece. */
const known: Register = 8;
const context: Register = 9;

/** On the stack, from its end: room for a header that goes on elsewhere, a record, and before it a packet's address, or a function's. */
const roomAt = -Math.max(roomBytes, partBytes.head);
const recordAt = roomAt - record.bytes;
const headAt = recordAt + record.head;
const keyAt = recordAt - 8;
const copied = { base: stack, at: headAt } as const;

/** What of a header is compared, before all of it is read: from which byte on, and how many (as RFC 791 and 826 have them). */
const compared = { 4: { from: 8, bytes: 12 }, arp: { from: 8, bytes: 20 } } as const;
interface Part {
  readonly from: number;
  readonly bytes: number;
}
const wholeHead: Part = { from: 0, bytes: partBytes.head };

/** Maps by their descriptors. */
export interface Maps {
  /** What was seen, first in, first out. */
  readonly seen: number;
  /** Addresses of packets that were the flow's. */
  readonly known: number;
  /** How the kernel writes a function's address. */
  readonly symbol: number;
}

export interface Parts {
  readonly flow: WatchedFlow;
  readonly layout: Layout;
  readonly maps: Maps;
}

/** A place with its number. */
export interface Spot {
  readonly place: Place;
  readonly number: number;
}

/**
 * Code for the places that one function or tracepoint is: packets of the flow, and no other, are told of. `argument`: which one the
 * packet is, from 0.
 */
export function placeProgram(spots: readonly Spot[], argument: number, parts: Parts): Buffer {
  const code = new Assembler();
  const hit = code.newLabel();
  const end = code.newLabel();
  code.load(8, packet, 1, 8 * argument);
  onlyShort(code, parts, end);
  for (const { place, number } of spots) {
    const next = code.newLabel();
    code.storeConstant(stack, recordAt + record.place, number);
    atHeader(code, place, parts.layout, next);
    inOnePiece(code, parts.layout, end);
    matchPacket(code, place.only, parts, { hit, miss: end });
    code.label(next);
  }
  code.label(end);
  code.exit();
  code.label(hit);
  readWhole(code, parts.layout);
  tellDevice(code, parts.layout);
  remember(code, parts.maps);
  clearLocation(code);
  code.set(1, 0);
  code.store(4, stack, recordAt + record.reason, 1);
  tell(code, parts);
  return code.code();
}

/** Arguments of the tracepoint of drops (include/trace/events/skb.h, since 5.17). */
export const dropArguments = { packet: 0, location: 1, reason: 2 } as const;

/** Code for drops: of packets that are the flow's by their header, or were so at a place before. */
export function dropProgram(number: number, parts: Parts): Buffer {
  const { layout, maps } = parts;
  const code = new Assembler();
  const [hit, miss, end] = [code.newLabel(), code.newLabel(), code.newLabel()];
  code.move(context, 1);
  code.load(8, packet, context, 8 * dropArguments.packet);
  code.storeConstant(stack, recordAt + record.place, number);
  code.load(8, header, packet, layout.packet.head);
  code.load(2, 1, packet, layout.packet.network_header);
  code.addRegister(header, 1);
  inOnePiece(code, layout, miss);
  matchPacket(code, undefined, parts, { hit, miss });
  code.label(miss);
  code.store(8, stack, keyAt, packet);
  code.map(1, maps.known);
  address(code, 2, keyAt);
  code.call(helper.lookUpElement);
  code.jumpIfZero(0, end);
  code.jump(hit);
  code.label(end);
  code.exit();
  code.label(hit);
  readWhole(code, layout);
  tellDevice(code, layout);
  tellLocation(code, maps);
  code.load(8, 1, context, 8 * dropArguments.reason);
  code.store(4, stack, recordAt + record.reason, 1);
  tell(code, parts);
  return code.code();
}

/** Most bytes of a busy host go by in long packets. */
function onlyShort(code: Assembler, { flow, layout }: Parts, end: string): void {
  if (flow.mostBytes === undefined) return;
  code.load(4, 1, packet, layout.packet.len);
  code.jumpIf(1, 'above', flow.mostBytes, end);
}

/** Where the header begins, unless the place is another device's. */
function atHeader(
  code: Assembler,
  { base, deviceHeader }: Place,
  { packet: parts, device }: Layout,
  miss: string,
): void {
  if (deviceHeader !== undefined) {
    code.load(8, 1, packet, parts.dev);
    code.load(2, 1, 1, device.headerLength);
    code.jumpIf(1, 'unequal', deviceHeader, miss);
  }
  code.load(8, header, packet, parts.data);
  if (base !== 0) code.addConstant(header, base);
}

/**
 * Devices leave all but a few bytes of a large packet in pages of their own, and so may the header lie there: behind what the kernel has
 * read so far.
 */
function inOnePiece(code: Assembler, layout: Layout, miss: string): void {
  const { packet: parts, pages } = layout;
  const found = code.newLabel();
  code.set(known, partBytes.head);
  code.load(4, 1, packet, parts.data_len);
  code.jumpIfZero(1, found);
  code.load(4, known, packet, parts.len);
  code.subtractRegister(known, 1);
  code.load(8, 1, packet, parts.data);
  code.addRegister(known, 1);
  code.subtractRegister(known, header);
  code.jumpIfMore(known, 0, found);
  // The kernel takes no code that nothing leads to.
  if (pages === undefined) code.jump(miss);
  else {
    atFirstPage(code, packet, { parts, pages, room: roomAt }, miss);
    code.subtractRegister(3, known);
    code.move(header, 3);
    code.set(known, partBytes.head);
  }
  code.label(found);
}

function matchPacket(code: Assembler, only: Place['only'], parts: Parts, ways: Ways): void {
  const { flow, layout } = parts;
  const [ip, arp] = [code.newLabel(), code.newLabel()];
  if (only === undefined) {
    code.load(2, 1, packet, layout.packet.protocol);
    code.jumpIf(1, 'equal', etherTypes[flow.family], ip);
    if (flow.family === 4) code.jumpIf(1, 'equal', etherTypes.arp, arp);
    code.jump(ways.miss);
  }
  if (only !== 'arp') {
    code.label(ip);
    matchHeader(code, parts, ways);
  }
  if (only === 'arp' || (only === undefined && flow.family === 4)) {
    code.label(arp);
    readHead(code, compared.arp);
    matchArp(code, flow, copied, ways);
  }
}

/** Most packets are another flow's, and are to cost next to nothing: their header is compared where it is, if the kernel allows. */
function matchHeader(code: Assembler, { flow, layout }: Parts, ways: Ways): void {
  const { cast } = layout;
  if (cast !== undefined) {
    const inPlace = { base: header, at: 0 };
    castHeader(code, cast.function, cast.to[flow.family]);
    if (flow.family === 6) passProtocol(code, flow, inPlace, ways.miss);
    else {
      matchIp(code, flow, inPlace, ways);
      return;
    }
  }
  // What ICMPv6 is about lies behind the header, where no field of it is.
  if (flow.family === 6) readWhole(code, layout);
  else readHead(code, compared[4]);
  matchIp(code, flow, copied, ways);
}

/** From here on the header's fields can be loaded; what can't be read is zero. */
function castHeader(code: Assembler, cast: number, to: number): void {
  code.move(1, header);
  code.set(2, to);
  code.callFunction(cast);
  code.move(header, 0);
}

/** What can't be read is zero. */
function readHead(code: Assembler, { from, bytes }: Part): void {
  address(code, 1, headAt + from);
  code.set(2, bytes);
  code.move(3, header);
  if (from !== 0) code.addConstant(3, from);
  code.call(helper.read);
}

/** All of the header, with what follows, also where this goes on in a page. */
function readWhole(code: Assembler, { packet: parts, pages }: Layout): void {
  const [isPart, end] = [code.newLabel(), code.newLabel()];
  readHead(code, wholeHead);
  code.store(4, stack, recordAt + record.known, known);
  if (pages === undefined) return;
  code.jumpIfMore(known, partBytes.head - 1, end);
  code.jumpIfMore(known, 0, isPart);
  code.jump(end);
  code.label(isPart);
  atFirstPage(code, packet, { parts, pages, room: roomAt }, end);
  address(code, 1, headAt);
  code.addRegister(1, known);
  code.set(2, partBytes.head);
  code.call(helper.read);
  code.set(1, partBytes.head);
  code.store(4, stack, recordAt + record.known, 1);
  code.label(end);
}

function tellDevice(code: Assembler, { packet: parts, device, netInode }: Layout): void {
  address(code, 1, recordAt + record.device);
  code.set(2, partBytes.device);
  code.load(8, 3, packet, parts.dev);
  code.addConstant(3, device.name);
  // Of no device, nothing is there to be read.
  code.call(helper.read);
  code.load(8, 1, packet, parts.dev);
  code.load(8, 1, 1, device.net);
  code.load(4, 1, 1, netInode);
  code.store(4, stack, recordAt + record.netns, 1);
}

function remember(code: Assembler, { known }: Maps): void {
  code.store(8, stack, keyAt, packet);
  code.map(1, known);
  address(code, 2, keyAt);
  address(code, 3, keyAt);
  code.set(4, 0);
  code.call(helper.updateElement);
}

function clearLocation(code: Assembler): void {
  for (let at = 0; at < partBytes.location; at += 8) code.storeConstant(stack, recordAt + record.location + at, 0);
}

function tellLocation(code: Assembler, { symbol }: Maps): void {
  clearLocation(code);
  code.load(8, 1, context, 8 * dropArguments.location);
  code.store(8, stack, keyAt, 1);
  address(code, 1, recordAt + record.location);
  code.set(2, partBytes.location);
  code.mapValue(3, symbol);
  address(code, 4, keyAt);
  code.set(5, 8);
  code.call(helper.printTo);
}

function tell(code: Assembler, { layout, maps }: Parts): void {
  code.load(2, 1, packet, layout.packet.protocol);
  code.store(4, stack, recordAt + record.protocol, 1);
  code.store(8, stack, recordAt + record.packet, packet);
  code.call(helper.now);
  code.store(8, stack, recordAt + record.ns, 0);
  code.map(1, maps.seen);
  address(code, 2, recordAt);
  code.set(3, 0);
  code.call(helper.push);
  code.exit();
}
