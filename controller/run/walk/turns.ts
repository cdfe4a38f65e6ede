/** Lets so many hosts do something at the same time, the others behind them in the order they came. */
export class Turns {
  #free: number;
  readonly #waiting: (() => void)[] = [];
  readonly #having = new Set<string>();

  constructor(places: number) {
    this.#free = places;
  }

  async take<T>(host: string, work: () => Promise<T>): Promise<T> {
    await this.#enter(host);
    try {
      return await work();
    } finally {
      this.#leave(host);
    }
  }

  /** Lets others have the turn of a host, if it is that one's, while it waits for something. */
  async aside<T>(host: string, wait: () => Promise<T>): Promise<T> {
    if (!this.#having.has(host)) return wait();
    this.#leave(host);
    try {
      return await wait();
    } finally {
      await this.#enter(host);
    }
  }

  async #enter(host: string): Promise<void> {
    if (this.#free > 0) this.#free -= 1;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#having.add(host);
  }

  #leave(host: string): void {
    this.#having.delete(host);
    const next = this.#waiting.shift();
    if (next) next();
    else this.#free += 1;
  }
}
