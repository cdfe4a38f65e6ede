/** One at a time, in the order of asking. */
export class Mutex {
  private last: Promise<unknown> = Promise.resolve();
  private holders = 0;

  /** Runs the work alone. `waited`: someone else was at it since this was asked for. */
  async run<T>(work: (waited: boolean) => Promise<T>): Promise<T> {
    const waited = this.holders > 0;
    this.holders++;
    const done = this.last.then(() => work(waited));
    this.last = done.catch(() => undefined);
    try {
      return await done;
    } finally {
      this.holders--;
    }
  }
}
