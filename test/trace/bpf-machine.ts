import { record } from '../../agent/engine/observe/trace/bpf/record.ts';

const nowNs = 1_500_000n;
/** Bytes that an instruction loads or stores, by the bits of its code that say so. */
const sizes = [4, 2, 1, 8];
const stackAt = 0x7000_0000n;
const contextAt = 0x6000_0000n;

/**
 * Runs the instructions of BPF that orch makes (RFC 9669) on a made-up memory, with the kernel's helpers in small: what programs
 * do can be tried without a kernel. What lies outside of the memory reads as zeros, as the kernel has it for such programs.
 */
export class Machine {
  /** Ranges of memory by where they begin. */
  readonly memory = new Map<bigint, Buffer>();
  /** Elements of maps by descriptor; a queue's in order. */
  readonly maps = new Map<number, Map<string, Buffer>>();
  readonly queues = new Map<number, Buffer[]>();
  /** What an address is called. */
  readonly symbols = new Map<bigint, string>();
  /** Where variables of the kernel are. */
  readonly variables = new Map<string, bigint>();
  /** The function that reads a struct where it is, by its number in BTF. */
  cast: number | undefined;
  private readonly registers = new BigUint64Array(11);
  private readonly stack = Buffer.alloc(512, 0xaa);

  constructor() {
    this.memory.set(stackAt, this.stack);
  }

  /** Runs code with what a function is called with, and gives what became of that. */
  run(code: Buffer, args: readonly bigint[]): Buffer {
    const context = Buffer.alloc(8 * args.length);
    for (const [index, value] of args.entries()) context.writeBigUInt64LE(BigInt.asUintN(64, value), 8 * index);
    this.memory.set(contextAt, context);
    this.stack.fill(0xaa);
    this.registers.fill(0n);
    this.registers[1] = contextAt;
    this.registers[10] = stackAt + 512n;
    let at = 0;
    for (let steps = 0; steps < 5000; steps++) {
      const next = this.step(code, at);
      if (next === undefined) return context;
      at = next;
    }
    throw new Error('the program does not end');
  }

  write(at: bigint, bytes: Buffer): void {
    for (const [start, range] of this.memory) {
      const offset = Number(at - start);
      if (offset >= 0 && offset + bytes.length <= range.length) {
        bytes.copy(range, offset);
        return;
      }
    }
    throw new Error(`nothing to be written at ${at.toString(16)}`);
  }

  read(at: bigint, length: number): Buffer {
    for (const [start, range] of this.memory) {
      const offset = Number(at - start);
      if (offset >= 0 && offset + length <= range.length) return Buffer.from(range.subarray(offset, offset + length));
    }
    return Buffer.alloc(length);
  }

  /** Does one instruction and gives the place of the next; undefined: it was the last. */
  private step(code: Buffer, at: number): number | undefined {
    const place = 8 * at;
    const opcode = code.readUInt8(place);
    const registers = code.readUInt8(place + 1);
    const [to, from] = [registers & 0xf, registers >> 4];
    const offset = code.readInt16LE(place + 2);
    const value = code.readInt32LE(place + 4);
    const [left, right] = [this.registers[to] ?? 0n, this.registers[from] ?? 0n];
    const size = sizes[(opcode >> 3) & 3] ?? 8;
    const jumps = (taken: boolean) => at + 1 + (taken ? offset : 0);
    switch (opcode) {
      case 0x61:
      case 0x69:
      case 0x71:
      case 0x79:
        this.registers[to] = number(this.read(right + BigInt(offset), size));
        return at + 1;
      case 0x63:
      case 0x6b:
      case 0x73:
      case 0x7b:
        this.write(left + BigInt(offset), bytes(right).subarray(0, size));
        return at + 1;
      case 0x7a:
        this.write(left + BigInt(offset), bytes(BigInt(value)));
        return at + 1;
      case 0x07:
        this.registers[to] = left + BigInt(value);
        return at + 1;
      case 0x0f:
        this.registers[to] = left + right;
        return at + 1;
      case 0x1f:
        this.registers[to] = left - right;
        return at + 1;
      case 0x67:
        this.registers[to] = left << BigInt(value);
        return at + 1;
      case 0x4f:
        this.registers[to] = left | right;
        return at + 1;
      case 0xbf:
        this.registers[to] = right;
        return at + 1;
      case 0xb7:
        this.registers[to] = BigInt(value);
        return at + 1;
      case 0x18: {
        const [high, low] = [code.readUInt32LE(place + 12), code.readUInt32LE(place + 4)];
        this.registers[to] = (BigInt(high) << 32n) | BigInt(low);
        return at + 2;
      }
      case 0x05:
        return jumps(true);
      case 0x15:
        return jumps(left === BigInt(value));
      case 0x16:
        return jumps(low(left) === value);
      case 0x56:
        return jumps(low(left) !== value);
      case 0x26:
        return jumps(Number(left & 0xffffffffn) > value);
      case 0x65:
        return jumps(BigInt.asIntN(64, left) > BigInt(value));
      case 0x1d:
        return jumps(left === right);
      case 0x5d:
        return jumps(left !== right);
      case 0x85:
        this.registers[0] = from === 0 ? this.call(value) : this.callFunction(value);
        // The kernel takes no program that reads them after a call.
        this.registers.fill(0xdeadn, 1, 6);
        return at + 1;
      case 0x95:
        return undefined;
      default:
        throw new Error(`an instruction that is not known: ${opcode.toString(16)}`);
    }
  }

  private callFunction(typeId: number): bigint {
    if (typeId !== this.cast) throw new Error(`a function that is not known: ${typeId}`);
    return this.registers[1] ?? 0n;
  }

  private call(helper: number): bigint {
    const [, one = 0n, two = 0n, three = 0n, four = 0n] = this.registers;
    const text = () => this.read(one, Number(two) - 1).toString();
    const key = () => this.read(two, 8).toString('hex');
    switch (helper) {
      case 1:
        return this.maps.get(Number(one))?.has(key()) ? 1n : 0n;
      case 2:
        this.maps.get(Number(one))?.set(key(), this.read(three, 8));
        return 0n;
      case 5:
        return nowNs;
      case 87:
        this.queues.get(Number(one))?.push(this.read(two, record.bytes));
        return 0n;
      case 113:
        this.write(one, this.read(three, Number(two)));
        return 0n;
      case 165: {
        const name = this.symbols.get(number(this.read(four, 8))) ?? '';
        this.write(one, Buffer.from(`${name}\0`).subarray(0, Number(two)));
        return 0n;
      }
      case 179: {
        const found = this.variables.get(text());
        if (found === undefined) return -2n;
        this.write(four, bytes(found));
        return 0n;
      }
      default:
        throw new Error(`a helper that is not known: ${helper}`);
    }
  }
}

/** Instructions that nothing leads to: the kernel takes no program that has some. */
export function hasDeadCode(code: Buffer): boolean {
  const reached = new Set<number>();
  const open = [0];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    if (reached.has(at)) continue;
    reached.add(at);
    const opcode = code.readUInt8(8 * at);
    const target = at + 1 + code.readInt16LE(8 * at + 2);
    if (opcode === 0x18) {
      reached.add(at + 1);
      open.push(at + 2);
    } else if (opcode === 0x05) open.push(target);
    else if (opcode !== 0x95) open.push(at + 1, ...((opcode & 7) >= 5 && opcode !== 0x85 ? [target] : []));
  }
  return reached.size < code.length / 8;
}

function number(from: Buffer): bigint {
  return Buffer.concat([from, Buffer.alloc(8 - from.length)]).readBigUInt64LE();
}

function bytes(value: bigint): Buffer {
  const all = Buffer.alloc(8);
  all.writeBigUInt64LE(BigInt.asUintN(64, value));
  return all;
}

function low(value: bigint): number {
  return Number(BigInt.asIntN(32, value));
}
