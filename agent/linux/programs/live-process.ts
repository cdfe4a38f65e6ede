import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises';
import { exitStatus, signalGroup, watchGroup } from './process-group.ts';
import { cannotStart, launchOf, type Program } from './program.ts';

/** From SIGTERM to SIGKILL. */
const graceMs = 2000;
/** How long a silent pipe is read on after the program ended, when something it left behind keeps it open. */
const drainMs = 250;

/** Takes a piece of output, and resolves when there is room for more. */
export type TakeOutput = (chunk: Buffer, stderr: boolean) => Promise<void>;

/** A program whose streams are passed through: nothing of its output is kept or left out, and it goes at the reader's pace. */
export class LiveProcess {
  readonly pid: number;
  /** Exit status, 128 and the number for a signal, once it has ended and all of its output was taken. */
  readonly ended: Promise<number>;
  private readonly child: ChildProcessByStdio<Writable, Readable, Readable>;
  /** When a piece was last taken; undefined while one is being taken. */
  private lastTaken: number | undefined = performance.now();

  private constructor(child: ChildProcessByStdio<Writable, Readable, Readable>, pid: number, take: TakeOutput) {
    this.child = child;
    this.pid = pid;
    child.stdin.on('error', () => undefined);
    this.ended = this.toItsEnd(take);
  }

  /** In a process group of its own. Throws OrchError when it cannot be started. */
  static start(program: Program, take: TakeOutput): LiveProcess {
    const { command, args, cwd, env, argv0 } = launchOf(program);
    const child = spawn(command, args, { cwd, env, argv0, detached: true, stdio: ['pipe', 'pipe', 'pipe'] });
    child.on('error', () => undefined);
    if (child.pid === undefined) throw cannotStart(program.argv[0] ?? '', 'the host refuses to start it');
    return new LiveProcess(child, child.pid, take);
  }

  /** Resolves when there is room for more. */
  write(bytes: Buffer): Promise<void> {
    return new Promise((resolve) => this.child.stdin.write(bytes, () => resolve()));
  }

  endInput(): void {
    this.child.stdin.end();
  }

  /** For it and all it started. */
  signal(signal: NodeJS.Signals): void {
    const { exitCode, signalCode } = this.child;
    // Once it has ended, its number may become another's.
    if (exitCode === null && signalCode === null) signalGroup(this.pid, signal);
  }

  /** Ends it: SIGTERM, then SIGKILL. */
  end(): void {
    this.signal('SIGTERM');
    const kill = setTimeout(() => this.signal('SIGKILL'), graceMs);
    void this.ended.finally(() => clearTimeout(kill));
  }

  private async toItsEnd(take: TakeOutput): Promise<number> {
    const { child } = this;
    const unwatch = watchGroup(this.pid);
    const exited = new Promise<number>((resolve) => {
      child.once('exit', (code, signal) => resolve(exitStatus(code, signal)));
    });
    const streams = [child.stdout, child.stderr] as const;
    const drained = Promise.all(streams.map((stream) => this.pump(stream, stream === child.stderr, take)));
    const status = await exited;
    unwatch();
    await Promise.race([drained, this.silence()]);
    for (const stream of streams) stream.destroy();
    await drained;
    return status;
  }

  private async pump(stream: Readable, stderr: boolean, take: TakeOutput): Promise<void> {
    try {
      for await (const chunk of stream) {
        this.lastTaken = undefined;
        await take(chunk as Buffer, stderr);
        this.lastTaken = performance.now();
      }
    } catch {
      // The pipe was closed from here.
    }
  }

  private async silence(): Promise<void> {
    for (let since = performance.now(); performance.now() - since < drainMs; ) {
      await sleep(drainMs / 5);
      // Where this process was busy meanwhile, what is in the pipes is read first.
      await turn();
      since = this.lastTaken === undefined ? performance.now() : Math.max(since, this.lastTaken);
    }
  }
}
