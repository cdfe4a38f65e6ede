import type { Btf } from '../btf.ts';
import { Assembler, type Register } from './assembler.ts';
import type { Layout } from './layout.ts';
import { address, helper, stack } from './stack.ts';

/** Variables of the kernel on x86: where all memory is mapped, and where the structs of its pages are (arch/x86/include/asm/page_64.h). */
const variables = ['page_offset_base', 'vmemmap_base'] as const;
/** A page is 64 times as long as its struct. */
const lengths = { page: 4096, struct: 64, shift: 6 } as const;
/** Bytes of the variables. */
export const baseBytes = 8 * variables.length;

const nameAt = -32;
const valueAt = -8;

/** Code that leaves the variables where it was given a place; zeros where they are not told. */
export function baseProgram(): Buffer {
  const code = new Assembler();
  const told: Register = 6;
  const end = code.newLabel();
  code.move(told, 1);
  for (const [index, variable] of variables.entries()) {
    const name = Buffer.alloc(valueAt - nameAt);
    name.write(variable);
    for (let at = 0; at < name.length; at += 8) {
      code.wide(1, name.readBigUInt64LE(at));
      code.store(8, stack, nameAt + at, 1);
    }
    code.storeConstant(stack, valueAt, 0);
    address(code, 1, nameAt);
    code.set(2, variable.length + 1);
    code.set(3, 0);
    address(code, 4, valueAt);
    code.call(helper.findSymbol);
    code.jumpIf(0, 'unequal', 0, end);
    code.load(8, 3, stack, valueAt);
    address(code, 1, valueAt);
    code.set(2, 8);
    code.call(helper.read);
    code.load(8, 1, stack, valueAt);
    code.store(8, told, 8 * index, 1);
  }
  code.label(end);
  code.exit();
  return code.code();
}

/** What makes a page's address of 64 times that of its struct; undefined: it can't be told. */
export function pageBase(btf: Btf, told: Buffer): bigint | undefined {
  const [offset, structs] = [told.readBigUInt64LE(0), told.readBigUInt64LE(8)];
  if (offset === 0n || structs === 0n || btf.size('page') !== lengths.struct) return undefined;
  return BigInt.asUintN(64, offset - (structs << BigInt(lengths.shift)));
}

/** Of skb_frag_t (linux/skbuff.h). */
const fragment = { page: 0, offset: 12 } as const;

/** Bytes of the stack that atFirstPage fills. */
export const roomBytes = 96;

/** Where things are in the kernel, and where on the stack there is room. */
interface Places {
  readonly parts: Layout['packet'];
  readonly pages: NonNullable<Layout['pages']>;
  readonly room: number;
}

/** Puts where a packet's first bytes are that lie in a page of their own in register 3. Uses the registers 1 to 5. */
export function atFirstPage(code: Assembler, packet: Register, { parts, pages, room }: Places, miss: string): void {
  // skb_shared_info lies behind what is in one piece.
  code.load(8, 3, packet, parts.head);
  code.load(4, 1, packet, parts.end);
  code.addRegister(3, 1);
  address(code, 1, room);
  code.set(2, roomBytes);
  code.call(helper.read);
  code.load(1, 1, stack, room + pages.count);
  code.jumpIfZero(1, miss);
  code.load(8, 3, stack, room + pages.list + fragment.page);
  code.shiftLeft(3, lengths.shift);
  code.wide(1, pages.base);
  code.addRegister(3, 1);
  code.load(4, 1, stack, room + pages.list + fragment.offset);
  code.addRegister(3, 1);
}
