import { endianness } from 'node:os';

/** Kinds of types whose record is followed by more (Documentation/bpf/btf.rst), as bytes, and bytes for each of `vlen` items. */
const sizes: Readonly<Record<number, readonly [fixed: number, each: number]>> = {
  1: [4, 0],
  3: [12, 0],
  4: [0, 12],
  5: [0, 12],
  6: [0, 8],
  13: [0, 8],
  14: [4, 0],
  15: [0, 12],
  17: [4, 0],
  19: [0, 12],
};
const kind = {
  pointer: 2,
  struct: 4,
  union: 5,
  enumeration: 6,
  typedef: 8,
  volatile: 9,
  const: 10,
  restrict: 11,
  function: 12,
  typeTag: 18,
} as const;
const magic = 0xeb9f;
const recordBytes = 12;
const bare = [0, 0] as const;

interface Member {
  /** Bytes from the start of the struct. */
  readonly offset: number;
  readonly type: number;
}

/** What a program of BPF can be bound to. */
export interface Bound {
  readonly id: number;
  readonly parameters: number;
}

interface Type {
  readonly kind: number;
  readonly count: number;
  /** Offsets of members are bit fields' where this is set. */
  readonly flag: boolean;
  /** Bytes of a struct, or the type that this one is made of. */
  readonly of: number;
  /** Where what follows the record begins. */
  readonly at: number;
}

/**
 * The kernel's own description of its types (/sys/kernel/btf/vmlinux): just what places of members and order of parameters
 * need. Types are found by name, so that nothing is read of the other hundred thousand but their sizes.
 */
export class Btf {
  private readonly bytes: Buffer;
  /** The same as words, which are read many times faster. */
  private readonly words: Uint32Array;
  private readonly strings: Buffer;
  /** Where the record of each type begins; the first is void, which has none. */
  private readonly starts: Uint32Array;
  private readonly count: number;
  private readonly found = new Map<string, number | undefined>();

  /** Throws Error for what is not BTF of this machine's byte order. */
  constructor(bytes: Buffer) {
    if (bytes.length < 24 || bytes.readUInt16LE(0) !== magic || endianness() !== 'LE') {
      throw new Error('it is not BTF in little-endian order');
    }
    const head = bytes.readUInt32LE(4);
    const [types = 0, length = 0, strings = 0, stringsLength = 0] = [8, 12, 16, 20].map((at) => bytes.readUInt32LE(at));
    // A copy, which begins where a word may begin.
    const copy = Uint8Array.prototype.slice.call(bytes, head + types, head + types + length);
    this.strings = bytes.subarray(head + strings, head + strings + stringsLength);
    if (copy.length !== length || length % 4 !== 0 || this.strings.length !== stringsLength) {
      throw new Error('it is cut off');
    }
    this.bytes = Buffer.from(copy.buffer, copy.byteOffset, length);
    this.words = new Uint32Array(copy.buffer, copy.byteOffset, length / 4);
    this.starts = new Uint32Array(length / recordBytes + 1);
    let count = 1;
    for (let at = 0; at < length; count++) {
      if (at + recordBytes > length) throw new Error('its types do not end');
      this.starts[count] = at;
      const info = this.words[at / 4 + 1] ?? 0;
      const [fixed, each] = sizes[(info >>> 24) & 0x1f] ?? bare;
      at += recordBytes + fixed + each * (info & 0xffff);
    }
    this.count = count;
  }

  /** Bytes from the start of a struct to a member, which may lie in others: `nd_net.net`. Undefined when there is none. */
  offset(struct: string, path: string): number | undefined {
    const id = this.find(struct, kind.struct);
    if (id === undefined) return undefined;
    return this.offsetIn(id, path.split('.'));
  }

  /** Place of a function's parameter, from 1. Undefined when there is none of this name. */
  parameter(func: string, name: string): number | undefined {
    const id = this.find(func, kind.function);
    if (id === undefined) return undefined;
    const prototype = this.type(this.type(id).of);
    for (let index = 0; index < prototype.count; index++) {
      if (this.text(this.word(prototype.at + 8 * index)) === name) return index + 1;
    }
    return undefined;
  }

  /** The number of a struct. Undefined when there is none of this name. */
  struct(name: string): number | undefined {
    return this.find(name, kind.struct);
  }

  /** Bytes of a struct. Undefined when there is none of this name. */
  size(name: string): number | undefined {
    const id = this.find(name, kind.struct);
    return id === undefined ? undefined : this.type(id).of;
  }

  /** The function's number, by which programs of BPF are bound to it, and how many parameters it has. */
  function(name: string): Bound | undefined {
    const id = this.find(name, kind.function);
    return id === undefined ? undefined : { id, parameters: this.type(this.type(id).of).count };
  }

  /** The tracepoint's number, and how many parameters it has: the typedef that it has is of a pointer to its prototype. */
  tracepoint(name: string): Bound | undefined {
    const id = this.find(`btf_trace_${name}`, kind.typedef);
    if (id === undefined) return undefined;
    const pointer = this.type(this.type(id).of);
    // The first is not the tracepoint's own.
    return pointer.kind === kind.pointer ? { id, parameters: this.type(pointer.of).count - 1 } : undefined;
  }

  /** Names of an enumeration's values; none: there is no such enumeration. */
  enumeration(name: string): ReadonlyMap<number, string> {
    const id = this.find(name, kind.enumeration);
    const { at, count } = this.type(id ?? 0);
    const places = Array.from({ length: count }, (_none, index) => at + 8 * index);
    return new Map(places.map((place) => [this.word(place + 4), this.text(this.word(place))]));
  }

  private offsetIn(id: number, [name = '', ...rest]: readonly string[]): number | undefined {
    const found = this.member(id, name);
    if (found === undefined || rest.length === 0) return found?.offset;
    const inside = this.offsetIn(this.plain(found.type), rest);
    return inside === undefined ? undefined : found.offset + inside;
  }

  /** A member of a struct or union, also in members of it that have no name; `searched` has the types that lack it. */
  private member(id: number, name: string, searched = new Set<number>()): Member | undefined {
    const struct = this.type(id);
    if (searched.has(id) || (struct.kind !== kind.struct && struct.kind !== kind.union)) return undefined;
    searched.add(id);
    for (let index = 0; index < struct.count; index++) {
      const at = struct.at + 12 * index;
      const bits = this.word(at + 8);
      const offset = (struct.flag ? bits & 0xffffff : bits) / 8;
      const type = this.word(at + 4);
      const nameAt = this.word(at);
      if (nameAt !== 0 && this.text(nameAt) === name) return { offset, type };
      if (nameAt !== 0) continue;
      const inside = this.member(this.plain(type), name, searched);
      if (inside !== undefined) return { offset: offset + inside.offset, type: inside.type };
    }
    return undefined;
  }

  /** The type without what only qualifies or renames it. */
  private plain(id: number): number {
    let present = id;
    for (let steps = 0; steps < 32; steps++) {
      const type = this.type(present);
      const { typedef, volatile, const: constant, restrict, typeTag } = kind;
      if (![typedef, volatile, constant, restrict, typeTag].some((one) => one === type.kind)) return present;
      present = type.of;
    }
    return present;
  }

  /** Each is looked for once: a look goes through all types. */
  private find(name: string, wanted: number): number | undefined {
    const key = `${wanted} ${name}`;
    if (!this.found.has(key)) this.found.set(key, this.lookFor(name, wanted));
    return this.found.get(key);
  }

  private lookFor(name: string, wanted: number): number | undefined {
    const nameAt = this.strings.indexOf(`\0${name}\0`) + 1;
    if (nameAt === 0) return undefined;
    const word = Buffer.from(new Uint32Array([nameAt]).buffer);
    for (let at = this.bytes.indexOf(word); at >= 0; at = this.bytes.indexOf(word, at + 1)) {
      const id = this.startingAt(at);
      if (id !== undefined && this.type(id).kind === wanted) return id;
    }
    return undefined;
  }

  /** The type whose record begins here. */
  private startingAt(at: number): number | undefined {
    let [from, to] = [1, this.count];
    while (from < to) {
      const middle = (from + to) >>> 1;
      if ((this.starts[middle] ?? 0) < at) from = middle + 1;
      else to = middle;
    }
    return from < this.count && this.starts[from] === at ? from : undefined;
  }

  private type(id: number): Type {
    if (id === 0 || id >= this.count) return { kind: 0, count: 0, flag: false, of: 0, at: 0 };
    const start = this.starts[id] ?? 0;
    const info = this.word(start + 4);
    return {
      ...{ kind: (info >>> 24) & 0x1f, count: info & 0xffff, flag: info >>> 31 === 1 },
      ...{ of: this.word(start + 8), at: start + recordBytes },
    };
  }

  /** What lies outside says nothing. */
  private word(at: number): number {
    return this.words[at / 4] ?? 0;
  }

  private text(at: number): string {
    const end = this.strings.indexOf(0, at);
    return this.strings.toString('latin1', at, end < 0 ? undefined : end);
  }
}
