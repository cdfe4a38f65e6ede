import { OrchError } from '../../../proto/errors.ts';
import type { Task } from '../../../proto/gen/orch/v1/agent.ts';
import type { AnyModule } from '../../modules/module.ts';
import { patience } from './patience.ts';

/** Deadlines of tasks that name none: programs may take long, states are reached or not. */
const defaultDeadlineMs = { run: 3_600_000, converge: 300_000 };

/** The time that each item of a task has, one after the other; the run that is cancelled ends them all. */
export class Deadline {
  readonly #isSaid: boolean;
  readonly #cancel: AbortSignal;
  readonly #timer: NodeJS.Timeout;
  #abort = new AbortController();
  #untilGivenUp = patience(this.#abort.signal);

  constructor({ timeoutMs }: Task, module: AnyModule | undefined, cancel: AbortSignal) {
    const slow = module?.form === 'run' || module?.slow === true;
    const ms = timeoutMs > 0 ? timeoutMs : defaultDeadlineMs[slow ? 'run' : 'converge'];
    this.#isSaid = timeoutMs > 0;
    this.#cancel = cancel;
    this.#timer = setTimeout(() => this.#abort.abort(late(ms / 1000)), Math.min(ms, 2 ** 31 - 1));
    if (cancel.aborted) this.#onCancel();
    cancel.addEventListener('abort', this.#onCancel);
  }

  /** Aborts when the run is cancelled or the time of the present item is over. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** Waits for an item's work, and not for long once the signal has aborted. */
  get untilGivenUp(): ReturnType<typeof patience> {
    return this.#untilGivenUp;
  }

  /** The next item has all of the time again, under a signal of its own where the one before it was late. */
  next(): void {
    if (this.#cancel.aborted) return;
    this.#timer.refresh();
    if (!this.signal.aborted) return;
    this.#abort = new AbortController();
    this.#untilGivenUp = patience(this.signal);
  }

  /** A deadline that nobody has said begins anew. */
  again(): void {
    if (!this.#isSaid) this.#timer.refresh();
  }

  clear(): void {
    clearTimeout(this.#timer);
    this.#cancel.removeEventListener('abort', this.#onCancel);
  }

  readonly #onCancel = (): void => this.#abort.abort(this.#cancel.reason);
}

function late(period: number): OrchError {
  return new OrchError({
    code: 'task-timeout',
    summary: `Timed out after ${period} second(s).`,
    result: { timedout: { period } },
    hint: 'Give it more time with the task keyword timeout.',
  });
}
