import { icmp, icmp6, type WatchedFlow } from '../flow.ts';
import type { Assembler, Register } from './assembler.ts';

/** Where on the stack a header is compared. */
interface Header {
  readonly base: Register;
  readonly at: number;
}

/** Where to go on. */
export interface Ways {
  readonly hit: string;
  readonly miss: string;
}

/** The same that filterOf has the kernel's tracing compare. Uses the registers 1 to 5. */
export function matchIp(code: Assembler, flow: WatchedFlow, header: Header, ways: Ways): void {
  if (flow.family === 4) matchIp4(code, flow, header, ways);
  else matchIp6(code, flow, header, ways);
}

/** Goes on with what is of the flow's protocol, or says something of it. Uses the register 1. */
export function passProtocol(
  code: Assembler,
  { family, protocol }: WatchedFlow,
  { base, at }: Header,
  miss: string,
): void {
  const [field, control] = family === 4 ? [9, icmp] : [6, icmp6];
  const fits = code.newLabel();
  code.load(1, 1, base, at + field);
  for (const one of new Set([protocol, control])) code.jumpIf(1, 'equal', one, fits);
  code.jump(miss);
  code.label(fits);
}

/** Sender and target (RFC 826). */
export function matchArp(
  code: Assembler,
  { neighbours }: WatchedFlow,
  { base, at }: Header,
  { hit, miss }: Ways,
): void {
  // The sender's address does not begin where a word may begin.
  code.load(2, 1, base, at + 14);
  code.load(2, 2, base, at + 16);
  code.shiftLeft(2, 16);
  code.or(1, 2);
  code.load(4, 2, base, at + 24);
  for (const address of neighbours) {
    code.jumpIf(1, 'equal', address.readUInt32LE(0), hit);
    code.jumpIf(2, 'equal', address.readUInt32LE(0), hit);
  }
  code.jump(miss);
}

function matchIp4(code: Assembler, flow: WatchedFlow, { base, at }: Header, ways: Ways): void {
  const { from, to } = flow;
  passProtocol(code, flow, { base, at }, ways.miss);
  for (const field of [12, 16]) {
    code.load(4, 1, base, at + field);
    for (const end of [from, to]) code.jumpIf(1, 'equal', end.readUInt32LE(0), ways.hit);
  }
  code.jump(ways.miss);
}

function matchIp6(code: Assembler, flow: WatchedFlow, { base, at }: Header, ways: Ways): void {
  const { from, to, neighbours } = flow;
  const isIcmp = code.newLabel();
  passProtocol(code, flow, { base, at }, ways.miss);
  for (const field of [8, 24]) matchAddress(code, [from, to], { base, at: at + field }, ways.hit);
  code.load(1, 1, base, at + 6);
  code.jumpIf(1, 'equal', icmp6, isIcmp);
  code.jump(ways.miss);
  code.label(isIcmp);
  // Whom a solicitation or advertisement is about (RFC 4861).
  matchAddress(code, neighbours, { base, at: at + 48 }, ways.hit);
  code.jump(ways.miss);
}

function matchAddress(code: Assembler, addresses: readonly Buffer[], { base, at }: Header, hit: string): void {
  code.load(8, 1, base, at);
  code.load(8, 2, base, at + 8);
  for (const address of addresses) {
    const other = code.newLabel();
    code.wide(3, address.readBigUInt64LE(0));
    code.jumpUnlessSame(1, 3, other);
    code.wide(3, address.readBigUInt64LE(8));
    code.jumpIfSame(2, 3, hit);
    code.label(other);
  }
}
