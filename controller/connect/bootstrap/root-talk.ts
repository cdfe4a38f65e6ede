import type { Duplex, Readable } from 'node:stream';
import { OrchError } from '../../../proto/errors.ts';
import { seconds, withDeadline } from '../deadline.ts';
import { drained } from '../drained.ts';
import type { Secret, Target } from '../types.ts';
import { becomePrompt, becoming } from './bootstrap-script.ts';
import { LineReader } from './line-reader.ts';

/** A command's stdio: written is its stdin, read its stdout. */
export type Stdio = Duplex & { readonly stderr: Readable };

const keptStderr = 8192;

/** Speaks with a script that runs as root on the host, answering sudo on the way. */
export class RootTalk {
  readonly stdio: Stdio;
  private readonly target: Target;
  private readonly signal: AbortSignal;
  private readonly lines: LineReader;
  private stderr = '';
  private becoming = false;
  private prompts = 0;
  private refused: ((error: OrchError) => void) | undefined;
  /** A person is being asked: no deadline runs. */
  private asking: Promise<unknown> | undefined;

  constructor(stdio: Stdio, target: Target, signal: AbortSignal) {
    this.stdio = stdio;
    this.target = target;
    this.signal = signal;
    this.lines = new LineReader(stdio);
    // Without a listener a broken pipe would end the process; the reader tells the failure.
    stdio.on('error', () => {});
    stdio.stderr.on('error', () => {});
    stdio.stderr.on('data', (chunk: Buffer) => this.hear(chunk.toString('utf8')));
  }

  /** Waits for the script's first line, past what login files print and sudo asks; throws 'become-failed'. */
  async begin(banner: string): Promise<void> {
    const refusal = new Promise<never>((_, reject) => {
      this.refused = reject;
    });
    refusal.catch(() => {});
    const seek = async () => {
      for (let line = ''; line !== banner; ) {
        line = await this.lines.next().catch((error: unknown) => this.notStarted(error));
        if (line === becoming) this.becoming = true;
      }
    };
    await Promise.race([refusal, this.timed(seek())]);
    this.refused = undefined;
    this.stderr = '';
  }

  send(line: string): void {
    this.stdio.write(`${line}\n`);
  }

  /** Sends bytes at the host's pace; the deadline is for each piece, not for the whole. */
  async sendBytes(bytes: AsyncIterable<Buffer> | Iterable<Buffer>): Promise<void> {
    for await (const chunk of bytes) {
      if (!this.stdio.write(chunk)) await this.timed(drained(this.stdio));
      // The next answer says why.
      if (this.stdio.destroyed) return;
    }
  }

  /** The next line of the script; a `fail` line or the end is thrown as what `explain` makes of it. */
  async answer(explain: (failed: string, stderr: string) => OrchError, ms = this.target.timeoutMs): Promise<string> {
    const line = await this.timed(this.lines.next(), ms).catch((error: unknown) => {
      throw error instanceof OrchError ? error : explain(`end: ${(error as Error).message}`, this.stderr.trim());
    });
    if (!line.startsWith('fail ')) return line;
    // stderr is another channel: give it a moment to arrive.
    await new Promise((resolve) => setTimeout(resolve, 50));
    throw explain(line.slice(5), this.stderr.trim());
  }

  /** Nothing more to say: the script ends. */
  end(): void {
    this.stdio.end();
  }

  /** From here on the bytes belong to someone else. */
  release(): void {
    this.lines.release();
  }

  private hear(text: string): void {
    this.stderr = (this.stderr + text).slice(-keptStderr);
    if (this.refused === undefined || !this.stderr.includes(becomePrompt)) return;
    this.stderr = this.stderr.replace(becomePrompt, '');
    this.prompts += 1;
    const secret = this.target.becomePassword;
    if (secret === undefined) {
      this.refused(this.becomeFailed('sudo asks for a password.', 'Give it with --ask-become-pass.'));
    } else if (this.prompts > 1) {
      this.refused(this.becomeFailed('sudo refused the password.', 'Give the right one with --ask-become-pass.'));
    } else {
      this.asking = this.answerSudo(secret);
    }
  }

  private async answerSudo(secret: Secret): Promise<void> {
    try {
      this.send(await secret());
    } catch {
      this.refused?.(this.becomeFailed('sudo asks for a password, and none was given.', 'Use --ask-become-pass.'));
    } finally {
      this.asking = undefined;
    }
  }

  private async notStarted(cause: unknown): Promise<never> {
    await new Promise((resolve) => setTimeout(resolve, 50));
    const said = this.stderr.trim();
    if (this.becoming) {
      throw this.becomeFailed('The login user may not become root.', 'Allow it in sudoers, or log in as root.');
    }
    throw new OrchError({
      code: 'bootstrap-failed',
      summary: 'The host did not run the bootstrap script.',
      detail: said || (cause instanceof Error ? cause.message : String(cause)),
      hint: 'Does `ssh HOST true` work, and is the login shell a shell?',
      where: { host: this.target.name },
    });
  }

  private becomeFailed(summary: string, hint: string): OrchError {
    const detail = this.stderr.trim() || undefined;
    return new OrchError({ code: 'become-failed', summary, detail, hint, where: { host: this.target.name } });
  }

  private async timed<T>(work: Promise<T>, ms = this.target.timeoutMs): Promise<T> {
    for (;;) {
      try {
        return await withDeadline(work, ms, this.signal, () => this.late(ms));
      } catch (error) {
        if (this.asking === undefined || this.signal.aborted) throw error;
        await this.asking;
      }
    }
  }

  private late(ms: number): OrchError {
    return new OrchError({
      code: 'connect-timeout',
      summary: `The host did not answer the bootstrap within ${seconds(ms)}.`,
      detail: this.stderr.trim() || undefined,
      hint: 'Is the host overloaded or its disk stuck? A longer --timeout waits longer.',
      where: { host: this.target.name },
    });
  }
}
