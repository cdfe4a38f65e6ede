import type { CleanPieces } from './clean.ts';

const newline = 0x0a;
/** Bytes of a line that are held until its end comes; a longer one is told as several. */
const longest = 1024 * 1024;

/** Puts a prefix before each line of a stream of bytes; with `pieces` it is made safe for a terminal, too. */
export class PrefixedLines {
  private readonly prefix: Buffer;
  private readonly pieces: CleanPieces | undefined;
  private rest = Buffer.alloc(0);

  constructor(prefix: string, pieces?: CleanPieces) {
    this.prefix = Buffer.from(prefix);
    this.pieces = pieces;
  }

  /** The lines that are complete with this piece. */
  add(chunk: Buffer): Buffer {
    return this.lines(this.pieces === undefined ? chunk : Buffer.from(this.pieces.add(chunk)));
  }

  /** A last line that had no end gets one. */
  end(): Buffer {
    const last = this.lines(Buffer.from(this.pieces?.end() ?? ''));
    return this.rest.length === 0 ? last : Buffer.concat([last, this.ended()]);
  }

  private lines(chunk: Buffer): Buffer {
    const end = chunk.lastIndexOf(newline) + 1;
    if (end === 0) {
      this.rest = Buffer.concat([this.rest, chunk]);
      return this.rest.length > longest ? this.ended() : Buffer.alloc(0);
    }
    const whole = Buffer.concat([this.rest, chunk.subarray(0, end)]);
    this.rest = Buffer.from(chunk.subarray(end));
    const lines: Buffer[] = [];
    for (let from = 0; from < whole.length; ) {
      const to = whole.indexOf(newline, from) + 1;
      lines.push(this.prefix, whole.subarray(from, to));
      from = to;
    }
    return Buffer.concat(lines);
  }

  private ended(): Buffer {
    const line = Buffer.concat([this.prefix, this.rest, Buffer.from('\n')]);
    this.rest = Buffer.alloc(0);
    return line;
  }
}
