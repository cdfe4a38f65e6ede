/** One at a time, in the order of asking. */
export class Mutex {
  private last: Promise<unknown> = Promise.resolve();
  private holders = 0;

  /** Runs the work alone. `waited`: someone else was at it since this was asked for. */
  async run<T>(work: (waited: boolean) => Promise<T>): Promise<T> {
    const waited = this.holders > 0;
    const release = await this.take();
    try {
      return await work(waited);
    } finally {
      release();
    }
  }

  /** Waits for its turn; what it gives ends it. */
  async take(): Promise<() => void> {
    this.holders++;
    const before = this.last;
    let release: () => void = () => undefined;
    this.last = new Promise<void>((resolve) => {
      release = resolve;
    });
    await before;
    return () => {
      this.holders--;
      release();
    };
  }
}
