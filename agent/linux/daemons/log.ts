import {
  closeSync,
  fstatSync,
  ftruncateSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';

const pieceBytes = 1024 * 1024;
/** Of a file that is searched for its last lines, at a time. */
const tailBytes = 65_536;

/**
 * What a daemon wrote. The daemon itself holds the file, open for appending: it writes on whatever becomes of the agent.
 * So a file that is too long is not renamed but copied, its last part only, and emptied. Positions count from the first byte
 * that was ever written while this object is there, so that readers lose nothing when the file is turned over.
 */
export class DaemonLog {
  readonly path: string;
  /** Bytes after which the file is turned over. */
  limit = Number.POSITIVE_INFINITY;
  /** What was taken off the file's start. */
  private base = 0;

  constructor(path: string) {
    this.path = path;
  }

  /** A descriptor for the daemon's output; the caller closes it. */
  open(): number {
    return openSync(this.path, 'a', 0o600);
  }

  /** A line by the agent itself. */
  say(text: string): void {
    const file = this.open();
    try {
      writeSync(file, `orch: ${text}\n`);
    } finally {
      closeSync(file);
    }
  }

  /** Where the next byte will be written. */
  get end(): number {
    return this.base + sizeOf(this.path);
  }

  /** The first byte that is still there. */
  get start(): number {
    return this.base - sizeOf(this.former);
  }

  /** At most `most` bytes from a position; what is no longer there is left out. Empty at the end. */
  read(from: number, most = pieceBytes): { readonly bytes: Buffer; readonly next: number } {
    const at = Math.max(from, this.start);
    const inFormer = at < this.base;
    const offset = inFormer ? at - this.start : at - this.base;
    const room = inFormer ? Math.min(most, this.base - at) : most;
    const bytes = readAt(inFormer ? this.former : this.path, offset, room);
    return { bytes, next: at + bytes.length };
  }

  /** The position from which the last lines are read. */
  tail(lines: number): number {
    let position = this.end;
    if (lines === 0) return position;
    // The newline at the very end closes the last line.
    let wanted = lines + 1;
    if (position > this.start && this.read(position - 1, 1).bytes[0] !== 0x0a) wanted--;
    while (position > this.start) {
      const from = Math.max(position > this.base ? this.base : this.start, position - tailBytes);
      const { bytes } = this.read(from, position - from);
      for (let at = bytes.lastIndexOf(0x0a); at >= 0; at = at === 0 ? -1 : bytes.lastIndexOf(0x0a, at - 1)) {
        wanted--;
        if (wanted === 0) return from + at + 1;
      }
      position = from;
    }
    return this.start;
  }

  /** Turns the file over when it is too long. */
  trim(): void {
    if (sizeOf(this.path) <= this.limit) return;
    const file = openSync(this.path, 'r+');
    const copy = openSync(`${this.former}.new`, 'w', 0o600);
    const { limit } = this;
    try {
      let at = fstatSync(file).size - limit;
      // A daemon that writes faster than this copies must not keep the agent here.
      const enough = at + 2 * limit;
      const piece = Buffer.alloc(pieceBytes);
      for (let got = readSync(file, piece, 0, piece.length, at); got > 0 && at < enough; ) {
        writeSync(copy, piece, 0, got);
        at += got;
        got = readSync(file, piece, 0, piece.length, at);
      }
      ftruncateSync(file, 0);
      this.base += at;
    } finally {
      closeSync(file);
      closeSync(copy);
    }
    renameSync(`${this.former}.new`, this.former);
  }

  remove(): void {
    for (const path of [this.path, this.former, `${this.former}.new`]) rmSync(path, { force: true });
  }

  private get former(): string {
    return `${this.path}.1`;
  }
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

function readAt(path: string, offset: number, length: number): Buffer {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch {
    return Buffer.alloc(0);
  }
  try {
    const buffer = Buffer.alloc(Math.min(length, pieceBytes));
    return buffer.subarray(0, readSync(file, buffer, 0, buffer.length, offset));
  } finally {
    closeSync(file);
  }
}
