import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { drained } from '../drained.ts';
import type { RunningProgram, TakeOutput } from './remote-process.ts';

/** Starts what the remote shell is asked to run. Rejects with OrchError. */
export type StartProgram = (argv: readonly string[], take: TakeOutput) => Promise<RunningProgram>;

/** Characters of its standard error that are kept: the last, where programs say why they end. */
const keptStderr = 64 * 1024;

/** How long a program that has lost its other end may take to see that. */
const graceMs = 2000;

/** Where the remote shell (remote-shell.ts) that one program starts is answered, once. */
export class ShellSocket {
  /** The remote shell as words of a command line, to be followed by the host. */
  readonly command: readonly string[];
  /** What the remote program wrote to its standard error last. */
  stderr = '';
  /** Why that could not be run to its end. */
  failure: unknown;
  private readonly folder: string;
  private readonly server;
  private readonly start: StartProgram;
  private running: RunningProgram | undefined;
  private served = Promise.resolve();

  private constructor(folder: string, start: StartProgram) {
    this.folder = folder;
    this.start = start;
    this.command = [process.execPath, join(import.meta.dirname, 'remote-shell.js'), this.path];
    this.server = createServer({ allowHalfOpen: true }, (socket) => {
      this.server.close();
      this.served = this.serve(socket).catch((error: unknown) => {
        this.failure = error;
        socket.destroy();
      });
    });
  }

  /** In a folder of this user alone. */
  static async open(start: StartProgram): Promise<ShellSocket> {
    const shell = new ShellSocket(await mkdtemp(join(tmpdir(), 'orch-shell-')), start);
    // A run that is given up waits for nothing.
    process.once('exit', shell.remove);
    await new Promise<void>((resolve, reject) => {
      shell.server.once('error', reject);
      shell.server.listen(shell.path, resolve);
    });
    return shell;
  }

  /** To be called when the program that has the shell has ended: the remote one soon will. */
  async close(): Promise<void> {
    const kill = setTimeout(() => this.running?.signal('SIGKILL'), graceMs);
    await this.served;
    clearTimeout(kill);
    this.server.close();
    this.remove();
    process.off('exit', this.remove);
  }

  private readonly remove = (): void => rmSync(this.folder, { recursive: true, force: true });

  private get path(): string {
    return join(this.folder, 'socket');
  }

  private async serve(socket: Socket): Promise<void> {
    socket.on('error', () => undefined);
    // Its end is not that of the other direction.
    const input: AsyncIterator<Buffer> = socket.iterator({ destroyOnReturn: false });
    const asked = await firstLine(input);
    if (asked === undefined) return;
    const { line, rest } = asked;
    const running = await this.start(JSON.parse(line), async (chunk, stderr) => {
      if (stderr) this.stderr = (this.stderr + chunk).slice(-keptStderr);
      else if (!socket.write(chunk)) await drained(socket);
    });
    this.running = running;
    void passOn(rest, input, running).finally(() => running.endInput());
    await running.ended;
    socket.end();
  }
}

/** Undefined where the remote shell was ended before it had asked for anything. */
async function firstLine(input: AsyncIterator<Buffer>): Promise<{ line: string; rest: Buffer } | undefined> {
  let read = Buffer.alloc(0);
  for (let end = -1; ; end = read.indexOf('\n')) {
    if (end >= 0) return { line: read.toString('utf8', 0, end), rest: read.subarray(end + 1) };
    const next = await input.next();
    if (next.done) return undefined;
    read = Buffer.concat([read, next.value]);
  }
}

/** Until there is no more, or the remote shell has gone. */
async function passOn(first: Buffer, input: AsyncIterator<Buffer>, running: RunningProgram): Promise<void> {
  try {
    if (first.length > 0) await running.write(first);
    for (let next = await input.next(); !next.done; next = await input.next()) await running.write(next.value);
  } catch {
    // What it had to say it has said.
  }
}
