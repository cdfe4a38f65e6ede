import { setTimeout as sleep } from 'node:timers/promises';
import { onLeaving } from '../../hang-up.ts';
import { Stop } from '../signals.ts';

/** Ctrl-C, as the run sees it: the first stops sending, the second cancels. */
export class Interrupt {
  readonly #stopping = new AbortController();
  readonly #cancelled = new AbortController();
  readonly #pressed = new Promise<void>((resolve) => this.signal.addEventListener('abort', () => resolve()));

  get stopping(): boolean {
    return this.#stopping.signal.aborted;
  }

  /** Aborted by the first Ctrl-C: for waits on the workstation. */
  get signal(): AbortSignal {
    return this.#stopping.signal;
  }

  /** Aborted by the second. */
  get cancelled(): AbortSignal {
    return this.#cancelled.signal;
  }

  press(): void {
    if (this.stopping) this.#cancelled.abort();
    else this.#stopping.abort();
  }

  /** Throws Stop once Ctrl-C was pressed. */
  check(): void {
    if (this.stopping) throw new Stop('interrupted');
  }

  /** Waits for what may never come; throws Stop when Ctrl-C comes in between. */
  async until<T>(work: Promise<T>): Promise<T> {
    await Promise.race([work, this.#pressed]);
    this.check();
    return work;
  }

  /** Waits; throws Stop when Ctrl-C comes in between. */
  async sleep(milliseconds: number): Promise<void> {
    try {
      await sleep(milliseconds, undefined, { signal: this.signal });
    } catch {
      throw new Stop('interrupted');
    }
  }
}

/** Lets Ctrl-C, being asked to terminate, and the loss of the terminal press the interrupt; returns what takes that back. */
export function onInterrupt(interrupt: Interrupt): () => void {
  const press = (): void => {
    if (interrupt.cancelled.aborted) {
      process.stderr.write('\norch: leaving; agents that do not answer give the lab up by themselves\n');
      process.exit(130);
    }
    process.stderr.write(
      interrupt.stopping
        ? '\norch: cancelling what runs; Ctrl-C again leaves without waiting for it\n'
        : '\norch: stopping once the running tasks have ended; Ctrl-C again cancels them\n',
    );
    interrupt.press();
  };
  return onLeaving(press);
}
