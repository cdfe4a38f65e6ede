const newline = 0x0a;

/** Puts a prefix before each line of a stream of bytes. */
export class PrefixedLines {
  private readonly prefix: Buffer;
  private rest = Buffer.alloc(0);

  constructor(prefix: string) {
    this.prefix = Buffer.from(prefix);
  }

  /** The lines that are complete with this piece. */
  add(chunk: Buffer): Buffer {
    const end = chunk.lastIndexOf(newline) + 1;
    if (end === 0) {
      this.rest = Buffer.concat([this.rest, chunk]);
      return Buffer.alloc(0);
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

  /** A last line that had no end gets one. */
  end(): Buffer {
    return this.rest.length === 0 ? this.rest : Buffer.concat([this.prefix, this.rest, Buffer.from('\n')]);
  }
}
