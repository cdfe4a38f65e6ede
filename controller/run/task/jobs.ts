import type { Outcome } from './outcome.ts';

/** Tasks of a run that go on beside those behind them. */
export class Jobs {
  readonly #ended = new Map<string, Outcome | undefined>();

  /** Takes a job in. */
  add(id: string, outcome: Promise<Outcome>): void {
    this.#ended.set(id, undefined);
    void outcome.then((ended) => {
      if (this.#ended.has(id)) this.#ended.set(id, ended);
    });
  }

  has(id: string): boolean {
    return this.#ended.has(id);
  }

  /** What a job came to; undefined while it goes on, and for one that nobody knows. */
  outcome(id: string): Outcome | undefined {
    return this.#ended.get(id);
  }

  forget(id: string): void {
    this.#ended.delete(id);
  }

  /** True while one of them goes on. */
  get running(): boolean {
    return [...this.#ended.values()].some((outcome) => outcome === undefined);
  }
}
