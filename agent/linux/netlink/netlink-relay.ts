import { type ChildProcess, spawn } from 'node:child_process';
import { syscallNumber } from '../programs/syscalls.ts';
import { whenLate } from '../programs/when-late.ts';
import { relayScript } from './relay-script.ts';

const deadlineMs = 5000;
/** A namespace with more than this is ip's to tell; the program sends none of more. */
const mostBytes = 4 * 1024 * 1024;

type Take = (answer: Buffer | undefined) => void;

/** One process that talks to the kernel in all namespaces, a tenth of a millisecond each. */
export class NetlinkRelay {
  private readonly child: ChildProcess;
  private readonly waiting: Take[] = [];
  private chunks: Buffer[] = [];
  private bytes = 0;
  private dead = false;
  /** Runs while an answer is waited for. */
  private deadline: NodeJS.Timeout | undefined;

  private constructor(setns: number) {
    this.child = spawn('perl', ['-e', relayScript, String(setns), String(mostBytes)], {
      stdio: ['pipe', 'pipe', 'ignore'],
      cwd: '/',
    });
    this.child.on('error', () => this.end()).on('close', () => this.end());
    // It ends when this process does, which it does not keep up.
    for (const part of [this.child, this.child.stdin, this.child.stdout]) (part as { unref?: () => void }).unref?.();
    this.child.stdin?.on('error', () => this.end());
    this.child.stdout?.on('data', (chunk: Buffer) => this.take(chunk));
  }

  /** Undefined on machines that it does not know. Where there is no perl, none of its questions has an answer. */
  static start(): NetlinkRelay | undefined {
    const setns = syscallNumber('setns');
    return setns === undefined ? undefined : new NetlinkRelay(setns);
  }

  get alive(): boolean {
    return !this.dead;
  }

  /** Dumps of links, addresses and routes of each namespace, in this order; nothing, or undefined, where they can't be had this way. */
  read(namespaces: readonly string[]): ReadonlyMap<string, Promise<Buffer | undefined>> {
    const answers = new Map(namespaces.map((name) => [name, this.next()]));
    // To say nothing has no answer that could be waited for.
    if (namespaces.length > 0) this.tell(namespaces.map((name) => `- ${name}\n`).join(''));
    return answers;
  }

  /**
   * Has the kernel carry one request out in a namespace: what it says to that, and dumps as above. Nothing: it was refused.
   * Undefined: this process ended, before or after the change.
   */
  change(request: Buffer, netns: string): Promise<Buffer | undefined> {
    const answer = this.next();
    this.tell(`${request.toString('hex')} ${netns}\n`);
    return answer;
  }

  private next(): Promise<Buffer | undefined> {
    return new Promise((resolve) => {
      if (this.dead) resolve(undefined);
      else this.waiting.push(resolve);
    });
  }

  private tell(lines: string): void {
    if (this.dead) return;
    this.child.stdin?.write(lines);
    this.deadline ??= this.later();
  }

  private later(): NodeJS.Timeout {
    const late = (): void => {
      if (this.deadline === timer) this.close();
    };
    const timer = whenLate(deadlineMs, late).unref();
    return timer;
  }

  /** Ends it, with all that is asked. */
  close(): void {
    this.child.kill('SIGKILL');
    this.end();
  }

  private take(chunk: Buffer): void {
    this.chunks.push(chunk);
    this.bytes += chunk.length;
    // Put together only when something is complete.
    const [first] = this.chunks;
    const length = first !== undefined && first.length >= 4 ? first.readUInt32BE(0) : 0;
    if (this.bytes < 4 + length) return;
    let rest = Buffer.concat(this.chunks);
    while (rest.length >= 4 && rest.length >= 4 + rest.readUInt32BE(0)) {
      const end = 4 + rest.readUInt32BE(0);
      this.waiting.shift()?.(rest.subarray(4, end));
      rest = rest.subarray(end);
    }
    this.chunks = rest.length === 0 ? [] : [rest];
    this.bytes = rest.length;
    clearTimeout(this.deadline);
    this.deadline = this.waiting.length === 0 ? undefined : this.later();
    if (rest.length > 4 + mostBytes) this.close();
  }

  private end(): void {
    this.dead = true;
    clearTimeout(this.deadline);
    for (const take of this.waiting.splice(0)) take(undefined);
    this.chunks = [];
    this.bytes = 0;
  }
}
