import { Pending, Stop, type TaskFacts, TaskFailed } from '../signals.ts';
import type { Outcome } from '../task/outcome.ts';

/** A task that was begun, in the host's order; it counts once all before it have ended well. */
export interface LaneStep {
  /** Never rejects. */
  readonly outcome: Promise<Outcome>;
  /** Variable that holds the result. */
  readonly register?: string | undefined;
  /** The result may bring facts: those of `setup`, which all begin with ansible_, or facts of any name. */
  readonly brings?: 'ansible-facts' | 'any-facts' | undefined;
  readonly task: TaskFacts;
  /** Called in order, once: tells listeners, notifies, keeps the result. True when the failure does not count. */
  readonly finish: (outcome: Outcome) => boolean;
}

interface OpenStep {
  readonly step: LaneStep;
  readonly ended: Promise<void>;
}

/**
 * One host's tasks in their order. Tasks are sent ahead of each other's results; the lane settles them one by one, and after
 * a failure forgets those behind it, which the agent has dropped.
 */
export class Lane {
  /** Goes up with each failure that was dealt with; the agent drops only tasks of the failed batch or before. */
  batch = 1;
  readonly #open: OpenStep[] = [];
  #tail: Promise<void> = Promise.resolve();
  #broken: { readonly batch: number; readonly signal: TaskFailed | Stop } | undefined;

  /** True while a task that was begun has not ended. */
  get busy(): boolean {
    return this.#open.length > 0;
  }

  add(step: LaneStep): void {
    const { batch } = this;
    const ended = this.#tail.then(() => this.#settle(step, batch));
    this.#tail = ended;
    this.#open.push({ step, ended });
  }

  /** Throws when a task of this lane has failed, so that nothing more is begun. */
  check(): void {
    if (this.#broken && this.#broken.batch >= this.batch) throw this.#broken.signal;
  }

  /** Waits until all begun tasks have ended; throws TaskFailed or Stop when one went wrong. */
  async drain(): Promise<void> {
    await this.#tail;
    this.check();
  }

  /** After a failure: what is begun from now on counts again. */
  recover(): void {
    this.batch += 1;
  }

  /** Throws Pending while a task that registers this name is in flight. */
  awaitVariable(name: string): void {
    const open = this.#open.findLast(({ step }) => step.register === name);
    if (open) throw new Pending(open.ended);
  }

  /** Throws Pending while facts are in flight. */
  awaitFacts(): void {
    const open = this.#open.findLast(({ step }) => step.brings !== undefined);
    if (open) throw new Pending(open.ended);
  }

  /** Throws Pending while facts are in flight that may have any name. */
  awaitOtherFacts(): void {
    const open = this.#open.findLast(({ step }) => step.brings === 'any-facts');
    if (open) throw new Pending(open.ended);
  }

  /** Throws Pending while any task is in flight. */
  awaitAll(): void {
    const open = this.#open.at(-1);
    if (open) throw new Pending(open.ended);
  }

  async #settle(step: LaneStep, batch: number): Promise<void> {
    const forgotten = () => this.#broken !== undefined && batch <= this.#broken.batch;
    const outcome = forgotten() ? undefined : await step.outcome;
    this.#open.shift();
    if (!outcome || forgotten()) return;
    if (outcome.status === 'dropped') {
      this.#broken = { batch, signal: new Stop('aborted') };
      return;
    }
    const ignored = step.finish(outcome);
    if (ignored) return;
    if (outcome.status === 'unreachable')
      this.#broken = { batch, signal: new Stop('unreachable', outcome.failure, step.task.fatal) };
    else if (outcome.status === 'failed') this.#broken = { batch, signal: new TaskFailed(step.task, outcome) };
  }
}
