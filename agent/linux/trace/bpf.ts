import { getSystemErrorMap } from 'node:util';
import { OrchError } from '../../../proto/errors.ts';
import { Coprocess } from '../ip/coprocess.ts';
import { syscallNumber } from '../programs/syscalls.ts';
import { bpfScript } from './bpf-script.ts';

/** Commands, kinds of maps and of programs, and flags (linux/bpf.h). */
const command = {
  createMap: 0,
  setElement: 2,
  loadProgram: 5,
  bind: 17,
  takeElement: 21,
  freeze: 22,
  runOnce: 10,
} as const;
const mapKinds = { array: 2, lru: 9, queue: 22 } as const;
const programKinds = { tracing: 26, syscall: 31 } as const;
/** It may wait (BPF_F_SLEEPABLE), as the kernel wants of programs that are run once. */
const mayWait = 1 << 4;
const bindings = { tracepoint: 23, entry: 24 } as const;
const onlyReadByPrograms = 1 << 7;

/** The kernel's own helpers are for programs that may be had under the GPL, too. */
const license = Buffer.from('Dual BSD/GPL\0');
const instructionBytes = 8;

/** What a program is bound to: a tracepoint, or a function when it is entered, by its number in BTF. */
export interface Binding {
  readonly at: keyof typeof bindings;
  readonly typeId: number;
}

interface Pointer {
  readonly at: number;
  readonly bytes: Buffer;
}

/** Programs of BPF and their maps. They are a process's, and go with it, whatever becomes of this one. */
export class Bpf {
  private readonly process: Coprocess;

  private constructor(process: Coprocess) {
    this.process = process;
  }

  /** Throws OrchError 'unsupported-by-host' on machines that it does not know. */
  static open(): Bpf {
    const number = syscallNumber('bpf');
    if (number === undefined) throw refused('bpf(2) is not known on this machine');
    return new Bpf(Coprocess.start(['perl', '-e', bpfScript, String(number)]));
  }

  /** A map's descriptor. Rejects with OrchError 'unsupported-by-host' when the kernel refuses, as all of these. */
  createMap(kind: keyof typeof mapKinds, keyBytes: number, valueBytes: number, entries: number): Promise<number> {
    return this.make(command.createMap, words(mapKinds[kind], keyBytes, valueBytes, entries, 0));
  }

  /** A map with one value that nothing changes any more. */
  async constant(value: Buffer): Promise<number> {
    const fd = await this.make(command.createMap, words(mapKinds.array, 4, value.length, 1, onlyReadByPrograms));
    await this.make(command.setElement, Buffer.concat([words(fd, 0), Buffer.alloc(24)]), [
      { at: 8, bytes: Buffer.alloc(4) },
      { at: 16, bytes: value },
    ]);
    await this.make(command.freeze, words(fd));
    return fd;
  }

  /** Loads a program and binds it: it runs from now on. */
  async run(code: Buffer, { at, typeId }: Binding): Promise<void> {
    const attributes = programOf('tracing', code);
    attributes.writeUInt32LE(bindings[at], 68);
    attributes.writeUInt32LE(typeId, 108);
    const program = await this.load(code, attributes);
    await this.make(command.bind, Buffer.concat([Buffer.alloc(8), words(program, 0)]));
  }

  /** Runs a program once, and gives what it leaves of so many bytes, which are zeros. */
  async ask(code: Buffer, bytes: number): Promise<Buffer> {
    const loaded = programOf('syscall', code);
    loaded.writeUInt32LE(mayWait, 44);
    const attributes = Buffer.alloc(80);
    attributes.writeUInt32LE(await this.load(code, loaded), 0);
    attributes.writeUInt32LE(bytes, 40);
    const { result, error, told } = await this.call(command.runOnce, attributes, [
      { at: 48, bytes: Buffer.alloc(bytes) },
    ]);
    if (result < 0) throw refusedBy(error);
    return told;
  }

  /** What is in a queue, oldest first, at most so many; it is not there any more then. */
  async take(queue: number, valueBytes: number, most: number): Promise<readonly Buffer[]> {
    const attributes = Buffer.concat([words(queue, 0), Buffer.alloc(24)]);
    const { told } = await this.call(
      command.takeElement,
      attributes,
      [{ at: 16, bytes: Buffer.alloc(valueBytes) }],
      most,
    );
    return Array.from({ length: told.length / valueBytes }, (_none, index) =>
      told.subarray(index * valueBytes, (index + 1) * valueBytes),
    );
  }

  /** Takes all of it away. */
  close(): Promise<void> {
    return this.process.close();
  }

  private load(code: Buffer, attributes: Buffer): Promise<number> {
    return this.make(command.loadProgram, attributes, [
      { at: 8, bytes: code },
      { at: 16, bytes: license },
    ]);
  }

  private async make(number: number, attributes: Buffer, pointers: readonly Pointer[] = []): Promise<number> {
    const { result, error } = await this.call(number, attributes, pointers);
    if (result < 0) throw refusedBy(error);
    return result;
  }

  private async call(number: number, attributes: Buffer, pointers: readonly Pointer[], times = 1): Promise<Told> {
    const places = pointers.map(({ at, bytes }) => ` ${at}:${bytes.toString('hex')}`);
    const line = `${times} ${number} ${attributes.toString('hex')}${places.join('')}\n`;
    const answer = await this.process.ask('bpf', line, (output) => {
      const end = output.indexOf('\n');
      return end < 0 ? undefined : end + 1;
    });
    const [, result, error, told = ''] = /^(-?\d+) (\d+) ([0-9a-f]*)\n$/.exec(answer.text) ?? [];
    if (result === undefined) throw refused('perl, which calls bpf(2), is not there, or ended');
    return { result: Number(result), error: Number(error), told: Buffer.from(told, 'hex') };
  }
}

interface Told {
  readonly result: number;
  readonly error: number;
  readonly told: Buffer;
}

function words(...numbers: readonly number[]): Buffer {
  const bytes = Buffer.alloc(4 * numbers.length);
  for (const [index, number] of numbers.entries()) bytes.writeUInt32LE(number, 4 * index);
  return bytes;
}

function programOf(kind: keyof typeof programKinds, code: Buffer): Buffer {
  // As far as attach_btf_id.
  const attributes = Buffer.alloc(120);
  attributes.writeUInt32LE(programKinds[kind], 0);
  attributes.writeUInt32LE(code.length / instructionBytes, 4);
  return attributes;
}

function refusedBy(error: number): OrchError {
  return refused(getSystemErrorMap().get(-error)?.[1] ?? `error ${error}`);
}

function refused(summary: string): OrchError {
  return new OrchError({ code: 'unsupported-by-host', summary });
}
