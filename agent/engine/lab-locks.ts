/** Who works on a lab. */
export interface Holder {
  readonly run: string;
  /** For people: user@workstation:pid. */
  readonly name: string;
  /** Lets go when its controller is gone and nothing is under way; false when it will not. */
  readonly yieldIfAbandoned?: (() => boolean) | undefined;
}

interface Waiter {
  readonly holder: Holder;
  readonly give: () => void;
}

/** How often one who waits looks whether the holder's controller is still there. */
const lookMs = 500;

/** One holder a lab; others queue in the order of asking. */
export class LabLocks {
  private readonly held = new Map<string, Holder>();
  private readonly waiting = new Map<string, Waiter[]>();

  holder(lab: string): Holder | undefined {
    return this.held.get(lab);
  }

  /** Takes the lab; after `waitMs` without success resolves with who has it. */
  take(lab: string, holder: Holder, waitMs: number): Promise<Holder | undefined> {
    const present = this.held.get(lab);
    if (present === undefined || present.yieldIfAbandoned?.()) {
      this.held.set(lab, holder);
      return Promise.resolve(undefined);
    }
    if (waitMs <= 0) return Promise.resolve(present);
    return this.queue(lab, holder, waitMs);
  }

  private queue(lab: string, holder: Holder, waitMs: number): Promise<Holder | undefined> {
    const queue = this.waiting.get(lab) ?? [];
    this.waiting.set(lab, queue);
    return new Promise((resolve) => {
      const end = (other: Holder | undefined) => {
        clearTimeout(deadline);
        clearInterval(look);
        resolve(other);
      };
      const waiter: Waiter = { holder, give: () => end(undefined) };
      const deadline = setTimeout(
        () => {
          queue.splice(queue.indexOf(waiter), 1);
          end(this.held.get(lab));
        },
        Math.min(waitMs, 2 ** 31 - 1),
      );
      // Whoever yields releases the lab, and so gives it to the first of the queue.
      const look = setInterval(() => this.held.get(lab)?.yieldIfAbandoned?.(), lookMs);
      queue.push(waiter);
    });
  }

  /** Lets the next in the queue have the lab. A run that does not hold it changes nothing. */
  release(lab: string, run: string): void {
    if (this.held.get(lab)?.run !== run) return;
    const next = this.waiting.get(lab)?.shift();
    if (next === undefined) {
      this.held.delete(lab);
      this.waiting.delete(lab);
      return;
    }
    this.held.set(lab, next.holder);
    next.give();
  }
}
