import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Digest } from '../../../proto/digest.ts';
import { OrchError } from '../../../proto/errors.ts';
import type { FileAction } from '../action.ts';
import { processStat } from '../daemons/processes.ts';
import type { FileState, FileView } from '../host.ts';
import { signalGroup, watchGroup } from '../programs/process-group.ts';
import type { FileQuestion, FileReply, FileRequest } from './messages.ts';

/** How long one who has nothing to do with these files may have to wait for their end. */
const patienceMs = 10_000;
/** How often one who waits for it looks whether only SIGKILL brings its end. */
const graceMs = 2000;

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

/**
 * Files as a user may see and change them. Threads can't have other rights than their process in Node: so a process of
 * the agent's own program takes the user's, and the kernel judges.
 */
export class UserFiles implements FileView {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, Waiting>();
  readonly #exit: Promise<void>;
  #last = 0;
  #ended = false;
  /** Looks on while somebody waits for an answer: the process's user may have stopped it. */
  #guard: NodeJS.Timeout | undefined;
  /** Is told once nobody waits for an answer. */
  #idle: (() => void) | undefined;

  /** `program`: the command that is the agent's program. `ids`: of the user, its group, and all its groups. */
  constructor(program: readonly string[], ids: readonly number[]) {
    const [command = '', ...args] = program;
    this.#child = spawn(command, [...args, 'files', '--ids', ids.join(',')], {
      cwd: '/',
      detached: true,
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      // Buffers stay such.
      serialization: 'advanced',
    });
    this.#child.on('message', (reply: FileReply) => this.#take(reply));
    const ended = watchGroup(this.#child.pid);
    this.#exit = new Promise((resolve) => {
      const end = (why: string) => {
        ended();
        this.#end(why);
        resolve();
      };
      this.#child.on('error', (cause) => end(cause.message));
      this.#child.on('exit', () => end('it ended'));
    });
    this.#child.unref();
    this.#child.channel?.unref();
  }

  get ended(): boolean {
    return this.#ended;
  }

  async stat(path: string): Promise<FileState | undefined> {
    // The other end is the same program.
    return (await this.#ask({ ask: 'stat', path })) as FileState | undefined;
  }

  async readFile(path: string, limit?: number): Promise<Buffer | undefined> {
    return (await this.#ask({ ask: 'readFile', path, limit })) as Buffer | undefined;
  }

  async readPiece(path: string, from: number, bytes: number): Promise<Buffer | undefined> {
    return (await this.#ask({ ask: 'readPiece', path, from, bytes })) as Buffer | undefined;
  }

  async digest<A extends string>(path: string, algorithms: readonly A[]): Promise<Digest<A> | undefined> {
    return (await this.#ask({ ask: 'digest', path, algorithms })) as Digest<A> | undefined;
  }

  async readDir(path: string): Promise<readonly string[] | undefined> {
    return (await this.#ask({ ask: 'readDir', path })) as readonly string[] | undefined;
  }

  async apply(action: FileAction): Promise<void> {
    await this.#ask({ ask: 'apply', action });
  }

  /**
   * Answers what was asked, and ends the process: nobody removes a user who has one (userdel(8)). Where the user has stopped it,
   * it is killed; nobody waits for long for what keeps it otherwise.
   */
  async close(): Promise<void> {
    await Promise.race([this.#finish(), sleep(patienceMs, undefined, { ref: false })]);
  }

  async #finish(): Promise<void> {
    if (this.#waiting.size > 0) await new Promise<void>((resolve) => (this.#idle = resolve));
    const kill = setInterval(() => signalGroup(this.#child.pid, 'SIGKILL'), graceMs).unref();
    if (this.#child.connected) this.#child.disconnect();
    await this.#exit;
    clearInterval(kill);
  }

  /** What is stopped answers no more; else it may be at a large file. */
  #watch(): void {
    const { pid } = this.#child;
    if (pid !== undefined && processStat(pid)?.stopped) signalGroup(pid, 'SIGKILL');
  }

  #rest(): void {
    clearInterval(this.#guard);
    this.#guard = undefined;
    this.#idle?.();
  }

  #ask(question: FileQuestion): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (this.#ended) return reject(gone('it ended'));
      const request: FileRequest = { id: ++this.#last, ...question };
      this.#waiting.set(request.id, { resolve, reject });
      this.#guard ??= setInterval(() => this.#watch(), graceMs).unref();
      this.#child.send(request, (error) => error && this.#end(error.message));
    });
  }

  #take({ id, value, error }: FileReply): void {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (error === undefined) waiting?.resolve(value);
    else waiting?.reject(new OrchError({ ...error, cause: Object.assign(new Error(), { code: error.errno }) }));
    if (this.#waiting.size === 0) this.#rest();
  }

  #end(why: string): void {
    this.#ended = true;
    for (const { reject } of this.#waiting.values()) reject(gone(why));
    this.#waiting.clear();
    this.#rest();
  }
}

function gone(why: string): OrchError {
  return new OrchError({ code: 'command-failed', summary: `The process that has the user's rights is gone: ${why}.` });
}
