import { OrchError } from '../../../proto/errors.ts';
import type { Chunks } from '../../linux/files/chunks.ts';

interface Awaited {
  readonly take: (chunks: Chunks) => Promise<void>;
  readonly fail: (error: unknown) => void;
}

/** Large contents, which travel apart from their tasks: the workstation sends one when a task asks for it. */
export class Arrivals {
  readonly #awaited = new Map<string, Awaited>();

  /**
   * What `take` makes of the content, once `ask` has told the workstation. Rejects with the reason of `signal`, and OrchError where
   * it does not come.
   */
  bring<T>(id: string, take: (chunks: Chunks) => Promise<T>, signal: AbortSignal, ask: () => void): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const fail = (error: unknown) => {
        this.#awaited.delete(id);
        reject(error);
      };
      const aborted = () => fail(signal.reason);
      if (signal.aborted) return aborted();
      signal.addEventListener('abort', aborted, { once: true });
      const taken = async (chunks: Chunks) => {
        signal.removeEventListener('abort', aborted);
        resolve(await take(untilAborted(chunks, signal)));
      };
      this.#awaited.set(id, { take: taken, fail });
      ask();
    });
  }

  /** Hands on what the workstation sends; resolves once all of it was taken. Throws OrchError where nobody waits for it. */
  async arrive(id: string, chunks: Chunks): Promise<void> {
    const awaited = this.#awaited.get(id);
    this.#awaited.delete(id);
    if (awaited === undefined) throw notSent('no task waits for it');
    try {
      await awaited.take(chunks);
    } catch (error) {
      awaited.fail(
        error instanceof OrchError ? error : notSent(error instanceof Error ? error.message : String(error)),
      );
    }
  }
}

/** Where no workstation is there to send anything: the agent brings a lab back by itself. */
export const noArrivals: Pick<Arrivals, 'bring'> = {
  bring: () => Promise.reject(notSent('it is on the workstation, which is not there')),
};

async function* untilAborted(chunks: Chunks, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    signal.throwIfAborted();
    yield chunk;
  }
}

function notSent(why: string): OrchError {
  return new OrchError({ code: 'task-failed', summary: `The content did not arrive: ${why}.` });
}
