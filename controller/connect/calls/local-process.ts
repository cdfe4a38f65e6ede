import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { constants } from 'node:os';
import type { Readable, Writable } from 'node:stream';
import { OrchError } from '../../../proto/errors.ts';
import type { ExecEnded } from '../../../proto/gen/orch/v1/agent.ts';
import { drained } from '../drained.ts';
import type { RunningProgram, TakeOutput } from './remote-process.ts';

/** A program on the workstation, as this user, in a process group of its own: Ctrl-C is for orch to hear. */
export class LocalProcess implements RunningProgram {
  readonly ended: Promise<ExecEnded>;
  private readonly child: ChildProcessByStdio<Writable, Readable, Readable>;

  constructor([command = '', ...args]: readonly string[], cwd: string, env: NodeJS.ProcessEnv, take: TakeOutput) {
    this.child = spawn(command, args, { cwd, env, detached: true, stdio: ['pipe', 'pipe', 'pipe'] });
    this.child.stdin.on('error', () => undefined);
    this.ended = this.toItsEnd(command, take);
  }

  async write(bytes: Buffer): Promise<void> {
    if (!this.child.stdin.write(bytes)) await drained(this.child.stdin);
  }

  endInput(): void {
    this.child.stdin.end();
  }

  signal(name: NodeJS.Signals): void {
    const { pid, exitCode, signalCode } = this.child;
    if (pid === undefined || exitCode !== null || signalCode !== null) return;
    try {
      process.kill(-pid, name);
    } catch {
      // The group is gone already.
    }
  }

  private async toItsEnd(command: string, take: TakeOutput): Promise<ExecEnded> {
    const { child } = this;
    const exited = new Promise<number>((resolve, reject) => {
      child.once('error', (cause: NodeJS.ErrnoException) => {
        const why = cause.code === 'ENOENT' ? 'no such program' : cause.message;
        const summary = `${JSON.stringify(command)} could not be started: ${why}.`;
        reject(new OrchError({ code: 'command-failed', summary, cause }));
      });
      child.once('exit', (code, signal) => resolve(signal === null ? (code ?? 0) : 128 + constants.signals[signal]));
    });
    const pump = async (stream: Readable) => {
      try {
        for await (const chunk of stream) await take(chunk as Buffer, stream === child.stderr);
      } catch (error) {
        // Who takes the output may have had enough of it.
        this.signal('SIGTERM');
        throw error;
      }
    };
    const [status] = await Promise.all([exited, pump(child.stdout), pump(child.stderr)]);
    return { status, timedOut: false };
  }
}
