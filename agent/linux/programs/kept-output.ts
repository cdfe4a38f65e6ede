/** One stream of a program's output, kept up to a number of bytes. */
export class KeptOutput {
  private readonly chunks: Buffer[] = [];
  private readonly limit: number;
  private kept = 0;
  private cut = 0;

  constructor(limit: number) {
    this.limit = limit;
  }

  add(chunk: Buffer): void {
    const room = this.limit - this.kept;
    const part = chunk.length > room ? chunk.subarray(0, room) : chunk;
    if (part.length > 0) this.chunks.push(part);
    this.kept += part.length;
    this.cut += chunk.length - part.length;
  }

  /** The text, which says at its end how much was cut. */
  text(): string {
    const text = Buffer.concat(this.chunks).toString('utf8');
    return this.cut === 0 ? text : `${text}\n[${this.cut} more bytes were cut]`;
  }
}
