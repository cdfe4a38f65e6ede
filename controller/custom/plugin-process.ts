import { join } from 'node:path';
import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from 'node:worker_threads';
import { exactJson, readDataJson } from '../../proto/exact-json.ts';

/** The build puts both beside the bundle. */
const host = join(import.meta.dirname, 'plugin_host');
const utils = join(import.meta.dirname, 'module_utils');

/** What starts such a process. `collections`: folders that are Python's `ansible_collections`. */
export function hostCommand(collections: readonly string[] = []): readonly string[] {
  return ['python3', join(host, 'serve.py'), utils, ...collections];
}

/** How long a plugin may take for one value. */
const patienceMs = 60_000;

type Data = Readonly<Record<string, unknown>>;

/** What the process says: of itself, or what a plugin answers or asks. */
type Told = { readonly pid: number } | { readonly ended: string } | { readonly line: string };

interface Running {
  readonly worker: Worker;
  readonly port: MessagePort;
  /** Counts what was told, for the thread that waits. */
  readonly told: Int32Array;
  pid: number | undefined;
}

/**
 * The process in Python that runs plugins of playbooks: one for all of them, started when the first is asked for, and gone with
 * this one, whose end closes its standard input. Templates are evaluated in one go, so this thread waits for each answer.
 */
export class PluginProcess {
  readonly #collections: () => readonly string[];
  #running: Running | undefined;

  /** @param collections folders that are Python's `ansible_collections` */
  constructor(collections: () => readonly string[]) {
    this.#collections = collections;
  }

  /**
   * What it says to a question, as plain data; `knows` answers what it asks back. Throws what `knows` throws that is no error.
   */
  ask(question: Data, knows: (what: string, of: unknown) => unknown): Data {
    const running = this.#start();
    /** A value is not known yet: the plugin ends first, so that the next question finds it idle. */
    let unknown: { readonly thrown: unknown } | undefined;
    const answer = (what: string, of: unknown): Data => {
      try {
        return { value: knows(what, of) };
      } catch (thrown) {
        if (thrown instanceof Error) return { error: thrown.message };
        unknown ??= { thrown };
        return { error: 'it is not known yet' };
      }
    };
    running.port.postMessage(exactJson(question));
    for (;;) {
      const said = this.#next(running);
      if (typeof said.asks === 'string') running.port.postMessage(exactJson(answer(said.asks, said.of)));
      else if (unknown) throw unknown.thrown;
      else return said;
    }
  }

  #start(): Running {
    if (this.#running) return this.#running;
    const { port1, port2 } = new MessageChannel();
    const told = new Int32Array(new SharedArrayBuffer(4));
    const command = hostCommand(this.#collections());
    const worker = new Worker(join(host, 'worker.mjs'), {
      workerData: { port: port2, told, command },
      transferList: [port2],
    });
    // Nothing waits for it but who asks.
    worker.unref();
    this.#running = { worker, port: port1, told, pid: undefined };
    return this.#running;
  }

  /** Its next line, or an error in its place where it has ended or takes too long. */
  #next(running: Running): Data {
    const late = Date.now() + patienceMs;
    for (;;) {
      const count = Atomics.load(running.told, 0);
      const message: Told | undefined = receiveMessageOnPort(running.port)?.message;
      if (message === undefined) {
        if (Atomics.wait(running.told, 0, count, Math.max(0, late - Date.now())) === 'timed-out') {
          this.#end(running);
          return { error: `it took more than ${patienceMs / 1000} seconds` };
        }
      } else if ('line' in message) return readDataJson(message.line) as Data;
      else if ('pid' in message) running.pid = message.pid;
      else {
        this.#end(running);
        return { error: `python3 can't run plugins: ${message.ended}` };
      }
    }
  }

  /** The next question starts another one. */
  #end({ worker, pid }: Running): void {
    this.#running = undefined;
    if (pid !== undefined) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // It has ended by itself.
      }
    }
    void worker.terminate();
  }
}
