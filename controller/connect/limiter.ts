/** Lets at most a number of jobs start side by side; the rest queue in order. */
export class Limiter {
  private readonly places: number;
  private free: number;
  private readonly patienceMs: number | undefined;
  private readonly queue: (() => void)[] = [];

  /** A job that has not got on for `patienceMs` gives its place to the next one, and goes on. */
  constructor(places: number, patienceMs?: number) {
    this.places = places;
    this.free = places;
    this.patienceMs = patienceMs;
  }

  /** Jobs that hold a place now. */
  get busy(): number {
    return this.places - this.free;
  }

  /** `moved`: what the job calls when it gets on; its patience begins anew. */
  async run<T>(job: (moved: () => void) => Promise<T>): Promise<T> {
    if (this.free > 0) this.free -= 1;
    else await new Promise<void>((resolve) => this.queue.push(resolve));
    let held = true;
    const giveBack = () => {
      if (!held) return;
      held = false;
      const next = this.queue.shift();
      if (next) next();
      else this.free += 1;
    };
    const timer = this.patienceMs === undefined ? undefined : setTimeout(giveBack, this.patienceMs);
    try {
      return await job(() => timer?.refresh());
    } finally {
      clearTimeout(timer);
      giveBack();
    }
  }
}
