/** A host that has been silent this long uses no CPU here: its place goes to the next one. */
const patienceMs = 2_000;

/** Lets at most a number of jobs start side by side; the rest queue in order. */
export class Limiter {
  private readonly places: number;
  private free: number;
  private readonly queue: (() => void)[] = [];

  constructor(places: number) {
    this.places = places;
    this.free = places;
  }

  /** Jobs that hold a place now. */
  get busy(): number {
    return this.places - this.free;
  }

  async run<T>(job: () => Promise<T>): Promise<T> {
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
    const timer = setTimeout(giveBack, patienceMs);
    try {
      return await job();
    } finally {
      clearTimeout(timer);
      giveBack();
    }
  }
}
