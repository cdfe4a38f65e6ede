import { type FileHandle, open } from 'node:fs/promises';

/** What an ELF program asks of the machine it is started on. */
export interface Program {
  /** Machine number of the ELF header: 62 is x86-64, 183 AArch64. */
  readonly machine: number;
  /** The newest glibc 2 that it has a symbol of: 38 for 2.38; 0: none. */
  readonly glibcMinor: number;
  /** Names of the libraries it is linked with. */
  readonly libraries: readonly string[];
}

const dynamicSection = 6;
/** Far more than a program with all of V8's symbols has. */
const largestTable = 64 << 20;

/**
 * Reads the header and the dynamic strings of a 64-bit little-endian program (elf(5)).
 * Undefined: there is no such file, or it is no such program.
 */
export async function readProgram(path: string): Promise<Program | undefined> {
  const file = await open(path).catch(() => undefined);
  if (file === undefined) return undefined;
  try {
    const header = await piece(file, 0, 64);
    if (header?.toString('latin1', 0, 6) !== '\x7fELF\x02\x01') return undefined;
    const names = (await dynamicStrings(file, header)).split('\0');
    return {
      machine: header.readUInt16LE(0x12),
      glibcMinor: newest(names),
      libraries: names.filter((name) => /^lib[^/]*\.so\.\d/.test(name)),
    };
  } finally {
    await file.close();
  }
}

async function piece(file: FileHandle, position: number, length: number): Promise<Buffer | undefined> {
  // A folder cannot be read.
  const read = await file.read(Buffer.alloc(length), 0, length, position).catch(() => undefined);
  return read?.bytesRead === length ? read.buffer : undefined;
}

/** The string table of the dynamic section; empty for a program without one. */
async function dynamicStrings(file: FileHandle, header: Buffer): Promise<string> {
  const [at, size, count] = [
    Number(header.readBigUInt64LE(0x28)),
    header.readUInt16LE(0x3a),
    header.readUInt16LE(0x3c),
  ];
  const sections = size < 64 ? undefined : await piece(file, at, size * count);
  if (sections === undefined) return '';
  for (let offset = 0; offset < sections.length; offset += size) {
    if (sections.readUInt32LE(offset + 4) !== dynamicSection) continue;
    const table = sections.readUInt32LE(offset + 0x28) * size;
    if (table >= sections.length) return '';
    const [start, length] = [0x18, 0x20].map((field) => Number(sections.readBigUInt64LE(table + field)));
    if (start === undefined || length === undefined || length > largestTable) return '';
    return (await piece(file, start, length))?.toString('latin1') ?? '';
  }
  return '';
}

function newest(names: readonly string[]): number {
  return names.reduce((minor, name) => Math.max(minor, Number(/^GLIBC_2\.(\d+)(?:\.\d+)?$/.exec(name)?.[1] ?? 0)), 0);
}
