/** Registers: 0 is a helper's answer, 1 to 5 its arguments, 6 to 9 outlive it, 10 is the end of the stack. */
export type Register = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10;

export type Size = 1 | 2 | 4 | 8;

/** Codes of instructions (RFC 9669; kernel: Documentation/bpf/standardization/instruction-set.rst). */
const loads = { 1: 0x71, 2: 0x69, 4: 0x61, 8: 0x79 } as const;
const stores = { 1: 0x73, 2: 0x6b, 4: 0x63, 8: 0x7b } as const;
const wideConstant = 0x18;
const codes = {
  call: 0x85,
  exit: 0x95,
  storeConstant: 0x7a,
  addConstant: 0x07,
  add: 0x0f,
  subtract: 0x1f,
  move: 0xbf,
  moveConstant: 0xb7,
};
const joins = { shiftLeft: 0x67, or: 0x4f } as const;
/** Comparisons of the lower 32 bits with a constant (`above` without a sign), and of whole registers (`more` with one). */
const jumps = {
  always: 0x05,
  equal: 0x16,
  unequal: 0x56,
  above: 0x26,
  same: 0x1d,
  notSame: 0x5d,
  zero: 0x15,
  more: 0x65,
} as const;

/** What a call is of, when not of a helper: a function of the kernel, by its number in BTF (BPF_PSEUDO_KFUNC_CALL). */
const ofFunction = 2;

/** What the 64 bits of a constant mean to the kernel (BPF_PSEUDO_*, linux/bpf.h). */
const constants = { number: 0, map: 1, mapValue: 2 } as const;

const instructionBytes = 8;

/** Code of BPF, as the kernel takes it, made an instruction at a time. */
export class Assembler {
  private readonly instructions: Buffer[] = [];
  private readonly labels = new Map<string, number>();
  private readonly openJumps: { readonly at: number; readonly label: string }[] = [];
  private names = 0;

  /** What all is made of. Throws Error for a jump to a label that is nowhere. */
  code(): Buffer {
    for (const { at, label } of this.openJumps) {
      const to = this.labels.get(label);
      if (to === undefined) throw new Error(`a jump to nowhere: ${label}`);
      this.instructions[at]?.writeInt16LE(to - at - 1, 2);
    }
    return Buffer.concat(this.instructions);
  }

  /** A name that no label has yet. */
  newLabel(): string {
    return `${this.names++}`;
  }

  label(name: string): void {
    this.labels.set(name, this.instructions.length);
  }

  load(size: Size, to: Register, from: Register, offset: number): void {
    this.add(loads[size], to, from, offset, 0);
  }

  store(size: Size, to: Register, offset: number, from: Register): void {
    this.add(stores[size], to, from, offset, 0);
  }

  /** Sets 8 bytes. */
  storeConstant(to: Register, offset: number, value: number): void {
    this.add(codes.storeConstant, to, 0, offset, value);
  }

  move(to: Register, from: Register): void {
    this.add(codes.move, to, from, 0, 0);
  }

  set(to: Register, value: number): void {
    this.add(codes.moveConstant, to, 0, 0, value);
  }

  addConstant(to: Register, value: number): void {
    this.add(codes.addConstant, to, 0, 0, value);
  }

  addRegister(to: Register, from: Register): void {
    this.add(codes.add, to, from, 0, 0);
  }

  subtractRegister(to: Register, from: Register): void {
    this.add(codes.subtract, to, from, 0, 0);
  }

  shiftLeft(to: Register, bits: number): void {
    this.add(joins.shiftLeft, to, 0, 0, bits);
  }

  or(to: Register, from: Register): void {
    this.add(joins.or, to, from, 0, 0);
  }

  wide(to: Register, value: bigint): void {
    this.addWide(to, constants.number, value);
  }

  map(to: Register, fd: number): void {
    this.addWide(to, constants.map, BigInt(fd));
  }

  /** The first value of an array. */
  mapValue(to: Register, fd: number): void {
    this.addWide(to, constants.mapValue, BigInt(fd));
  }

  jump(label: string): void {
    this.addJump(jumps.always, 0, 0, 0, label);
  }

  /** Of the lower 32 bits. */
  jumpIf(register: Register, is: 'equal' | 'unequal' | 'above', value: number, label: string): void {
    this.addJump(jumps[is], register, 0, value | 0, label);
  }

  jumpIfSame(one: Register, other: Register, label: string): void {
    this.addJump(jumps.same, one, other, 0, label);
  }

  jumpUnlessSame(one: Register, other: Register, label: string): void {
    this.addJump(jumps.notSame, one, other, 0, label);
  }

  jumpIfZero(register: Register, label: string): void {
    this.addJump(jumps.zero, register, 0, 0, label);
  }

  jumpIfMore(register: Register, value: number, label: string): void {
    this.addJump(jumps.more, register, 0, value, label);
  }

  call(helper: number): void {
    this.add(codes.call, 0, 0, 0, helper);
  }

  callFunction(typeId: number): void {
    this.add(codes.call, 0, ofFunction, 0, typeId);
  }

  exit(): void {
    this.set(0, 0);
    this.add(codes.exit, 0, 0, 0, 0);
  }

  private addJump(code: number, to: number, from: number, value: number, label: string): void {
    this.openJumps.push({ at: this.instructions.length, label });
    this.add(code, to, from, 0, value);
  }

  private addWide(to: Register, meaning: number, value: bigint): void {
    this.add(wideConstant, to, meaning, 0, Number(BigInt.asIntN(32, value)));
    // The value of a map begins at its first byte.
    this.add(0, 0, 0, 0, Number(BigInt.asIntN(32, value >> 32n)));
  }

  private add(code: number, to: number, from: number, offset: number, value: number): void {
    const bytes = Buffer.alloc(instructionBytes);
    bytes.writeUInt8(code, 0);
    bytes.writeUInt8((from << 4) | to, 1);
    bytes.writeInt16LE(offset, 2);
    bytes.writeInt32LE(value, 4);
    this.instructions.push(bytes);
  }
}
