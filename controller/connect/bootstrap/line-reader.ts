import type { Readable } from 'node:stream';

const longestLine = 65_536;
/** All lines of one conversation together. */
const longestTalk = 1 << 20;

/** Lines of a stream that may be hostile: each, and all together, are bounded. */
export class LineReader {
  private readonly stream: Readable;
  private text = '';
  private total = 0;
  private failure: Error | undefined;
  private wake: (() => void) | undefined;
  private readonly onData = (chunk: Buffer) => {
    this.total += chunk.length;
    this.text += chunk.toString('latin1');
    if (this.total > longestTalk) this.fail(new Error('the host says more than a bootstrap has to say'));
    this.wake?.();
  };
  private readonly onEnd = () => this.fail(new Error('the host ended the conversation'));

  constructor(stream: Readable) {
    this.stream = stream;
    stream.on('data', this.onData);
    stream.on('end', this.onEnd);
    stream.on('close', this.onEnd);
    stream.on('error', (error) => this.fail(error));
  }

  /** The next line, without its end; rejects when the stream has ended. One reader at a time. */
  async next(): Promise<string> {
    for (;;) {
      const end = this.text.indexOf('\n');
      if (end >= 0) {
        const line = this.text.slice(0, end);
        this.text = this.text.slice(end + 1);
        return line;
      }
      if (this.text.length > longestLine) this.fail(new Error('the host says a line that does not end'));
      if (this.failure) throw this.failure;
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
    }
  }

  /** Stops reading and puts back what was read beyond the last line. */
  release(): void {
    this.stream.off('data', this.onData);
    this.stream.off('end', this.onEnd);
    this.stream.off('close', this.onEnd);
    this.stream.pause();
    if (this.text !== '') this.stream.unshift(Buffer.from(this.text, 'latin1'));
    this.text = '';
  }

  private fail(error: Error): void {
    this.failure ??= error;
    this.wake?.();
  }
}
