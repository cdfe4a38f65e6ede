import { type ChildProcess, spawn } from 'node:child_process';
import { endianness } from 'node:os';
import { readerScript } from './reader-script.ts';

/** setns(2) by the names that Node has for machines (arch/x86/entry/syscalls/syscall_64.tbl, asm-generic/unistd.h). */
const setnsNumbers: Readonly<Record<string, number>> = { x64: 308, arm64: 268 };

const deadlineMs = 5000;
/** A namespace with more than this is ip's to tell; the program sends none of more. */
const mostBytes = 4 * 1024 * 1024;

type Take = (dumps: Buffer | undefined) => void;

/** One process that asks the kernel about all namespaces, a tenth of a millisecond each. */
export class NetlinkReader {
  private readonly child: ChildProcess;
  private readonly waiting: Take[] = [];
  private chunks: Buffer[] = [];
  private bytes = 0;
  private dead = false;

  private constructor(setns: number) {
    this.child = spawn('perl', ['-e', readerScript, String(setns), String(mostBytes)], {
      stdio: ['pipe', 'pipe', 'ignore'],
      cwd: '/',
    });
    this.child.on('error', () => this.end()).on('close', () => this.end());
    this.child.stdin?.on('error', () => this.end());
    this.child.stdout?.on('data', (chunk: Buffer) => this.take(chunk));
  }

  /** Undefined on machines that it does not know. Where there is no perl, none of its questions has an answer. */
  static start(): NetlinkReader | undefined {
    const setns = setnsNumbers[process.arch];
    return setns === undefined || endianness() !== 'LE' ? undefined : new NetlinkReader(setns);
  }

  get alive(): boolean {
    return !this.dead;
  }

  /** Dumps of links, addresses and routes of each namespace, in this order; undefined where they can't be had this way. */
  read(namespaces: readonly string[]): ReadonlyMap<string, Promise<Buffer | undefined>> {
    const answers = namespaces.map((name) => {
      const answer = new Promise<Buffer | undefined>((resolve) => {
        if (this.dead) resolve(undefined);
        else this.waiting.push(resolve);
      });
      return [name, answer] as const;
    });
    if (!this.dead) this.child.stdin?.write(namespaces.map((name) => `${name}\n`).join(''));
    setTimeout(() => this.waiting.length > 0 && this.close(), deadlineMs).unref();
    return new Map(answers);
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
      this.waiting.shift()?.(end === 4 ? undefined : rest.subarray(4, end));
      rest = rest.subarray(end);
    }
    this.chunks = rest.length === 0 ? [] : [rest];
    this.bytes = rest.length;
    if (rest.length > 4 + mostBytes) this.close();
  }

  private end(): void {
    this.dead = true;
    for (const take of this.waiting.splice(0)) take(undefined);
    this.chunks = [];
    this.bytes = 0;
  }
}
