import { Status, type Task } from '../../../proto/gen/orch/v1/agent.ts';

/** Tasks of one inventory host: one after the other. */
export class Lane {
  private readonly execute: (task: Task) => Promise<Status>;
  private readonly dropped: (tasks: readonly number[]) => void;
  private readonly rested: () => void;
  private queue: Task[] = [];
  private running = false;
  /** Tasks of this batch and earlier ones will not run any more. */
  private failedBatch = -1;
  /** The highest of all that came. */
  latestBatch = 0;
  private idle: (() => void)[] = [];

  /** `rested` is called whenever all that was queued is done. */
  constructor(
    execute: (task: Task) => Promise<Status>,
    dropped: (tasks: readonly number[]) => void,
    rested: () => void,
  ) {
    this.execute = execute;
    this.dropped = dropped;
    this.rested = rested;
  }

  get busy(): boolean {
    return this.running;
  }

  add(task: Task): void {
    this.latestBatch = Math.max(this.latestBatch, task.batch);
    if (task.batch <= this.failedBatch) {
      this.dropped([task.id]);
      return;
    }
    this.queue.push(task);
    if (!this.running) void this.work();
  }

  /** Drops what is queued up to a batch. */
  drop(upToBatch: number): void {
    this.failedBatch = Math.max(this.failedBatch, upToBatch);
    const lost = this.queue.filter((task) => task.batch <= this.failedBatch);
    this.queue = this.queue.filter((task) => task.batch > this.failedBatch);
    if (lost.length > 0) this.dropped(lost.map((task) => task.id));
  }

  /** Resolves once nothing runs and nothing is queued. */
  settled(): Promise<void> {
    if (!this.running) return Promise.resolve();
    return new Promise((resolve) => this.idle.push(resolve));
  }

  private async work(): Promise<void> {
    this.running = true;
    for (let task = this.queue.shift(); task !== undefined; task = this.queue.shift()) {
      const status = await this.execute(task);
      if (status === Status.FAILED && !task.keepGoing) this.drop(task.batch);
    }
    this.running = false;
    this.rested();
    for (const resolve of this.idle.splice(0)) resolve();
  }
}
