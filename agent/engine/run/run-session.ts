import type { OrchError } from '../../../proto/errors.ts';
import type { Arm, Cancel, Close, Restored, Settled, Status, Task } from '../../../proto/gen/orch/v1/agent.ts';
import type { AnyModule } from '../../modules/module.ts';
import { Lane } from './lane.ts';
import { interrupted } from './patience.ts';
import { ResponseLog, type Sink } from './response-log.ts';
import { runTask } from './run-task.ts';
import type { RunContext } from './task-context.ts';

/** How long a run goes on while its controller is not connected. */
const abandonedMs = 60_000;
/** For so many items it is worth while to look at all namespaces at once. */
const manyItems = 50;
/** A run that does nothing is given up to another controller this soon after its own went away. */
const yieldMs = 2000;

export interface SessionEnd {
  readonly exit: number;
  readonly summaryJson: string;
}

/** One run on this host: its tasks, lane by lane, and its numbered responses. It outlives its stream. */
export class RunSession {
  readonly context: RunContext;
  private readonly modules: ReadonlyMap<string, AnyModule>;
  private readonly onEnd: (end: SessionEnd | undefined) => void;
  private readonly log = new ResponseLog();
  private readonly lanes = new Map<string, Lane>();
  private readonly cancelled = new AbortController();
  private closed = false;
  private over = false;
  private dropAll = false;
  private changes = false;
  private highestTask = 0;
  private detachedAt: number | undefined;
  private abandoned: NodeJS.Timeout | undefined;

  /** `onEnd` is called once; without an end the controller was lost. */
  constructor(
    context: RunContext,
    modules: ReadonlyMap<string, AnyModule>,
    onEnd: (end: SessionEnd | undefined) => void,
  ) {
    this.context = context;
    this.modules = modules;
    this.onEnd = onEnd;
    context.safety.tellTo((message) => this.log.append(message));
  }

  /** True once its last task is done and its lab is free. */
  get ended(): boolean {
    return this.over;
  }

  /** True when all that it was given to do was to look what a run would do. */
  get onlyChecked(): boolean {
    return this.highestTask > 0 && !this.changes;
  }

  /** Sends responses here, the missed ones first. False when those are no longer kept. */
  attach(sink: Sink, afterSeq: number): boolean {
    if (!this.log.attach(sink, afterSeq)) return false;
    this.detachedAt = undefined;
    clearTimeout(this.abandoned);
    return true;
  }

  /**
   * Says that the lab is in this run's hands, how its last run ended if that had to be confirmed, and how it was brought
   * back if nothing was run since.
   */
  opened(settled: Settled | undefined, restored: Restored | undefined): void {
    this.log.append({ $case: 'opened', value: { heldBy: '', settled, restored } });
  }

  /** The stream is gone; the run goes on for a while. */
  detach(sink: Sink): void {
    if (!this.log.detach(sink) || this.closed) return;
    this.detachedAt = Date.now();
    this.abandoned = setTimeout(() => this.abandon(), abandonedMs);
  }

  /** Tasks that came at one moment. */
  add(...tasks: readonly Task[]): void {
    if (this.closed) return;
    this.lookFor(tasks.filter(({ id }) => id > this.highestTask));
    for (const task of tasks) {
      if (task.id <= this.highestTask) continue;
      this.highestTask = task.id;
      this.changes ||= !task.check;
      if (this.dropAll) this.dropped([task.id]);
      else this.lane(task.lane).add(task);
    }
  }

  /** What was seen before the tasks came may be older than what they are to follow, unless nobody has waited for anything. */
  private lookFor(tasks: readonly Task[]): void {
    const { host, store, lab } = this.context;
    if (!tasks.every(({ ahead }) => ahead)) host.forget();
    const items = tasks.reduce((count, task) => count + task.items.length, 0);
    if (items < manyItems) return;
    const namespaces = store.ledger(lab).namespaces;
    if (items >= namespaces.length) host.look(namespaces);
  }

  cancel(cancel: Cancel, reason = interrupted()): void {
    this.dropAll ||= !cancel.laterBatches;
    for (const lane of this.lanes.values()) lane.drop(lane.latestBatch);
    if (!cancel.queuedOnly) this.cancelled.abort(reason);
  }

  /** The run has to be confirmed from now on. */
  arm(arm: Arm): void {
    if (!this.closed) this.context.safety.arm(arm);
  }

  /** The controller hears all its hosts. */
  extend(): void {
    if (!this.closed) this.context.safety.extend();
  }

  /** Its last word: all that it did was taken back. */
  takenBack(reason: string): void {
    this.log.append({ $case: 'takenBack', value: { reason } });
  }

  /** Ends the run once its tasks are done. */
  async close(close: Close): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    clearTimeout(this.abandoned);
    await this.settled();
    this.over = true;
    this.onEnd({ exit: close.exit, summaryJson: close.summaryJson });
    this.log.append({ $case: 'closed', value: {} });
  }

  /** Cancels, and ends when what runs has ended: with `reason`, where it is not its controller that gave the run up. */
  async abandon(reason?: OrchError): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    clearTimeout(this.abandoned);
    this.cancel({ queuedOnly: false, laterBatches: false }, reason);
    await this.settled();
    this.over = true;
    this.onEnd(undefined);
  }

  /** Gives the lab up when the controller went away and nothing is under way. */
  yieldIfAbandoned(): boolean {
    const gone = this.detachedAt !== undefined && Date.now() - this.detachedAt >= yieldMs;
    if (!gone || [...this.lanes.values()].some((lane) => lane.busy)) return false;
    void this.abandon();
    return true;
  }

  /** Resolves once all tasks that were added are over. */
  async settled(): Promise<void> {
    await Promise.all([...this.lanes.values()].map((lane) => lane.settled()));
  }

  private lane(name: string): Lane {
    const known =
      this.lanes.get(name) ??
      new Lane(
        (task) => this.execute(task),
        (tasks) => this.dropped(tasks),
        () => this.log.flush(),
      );
    this.lanes.set(name, known);
    return known;
  }

  private execute(task: Task): Promise<Status> {
    return runTask(task, this.modules, this.context, this.cancelled.signal, (message) => this.log.append(message));
  }

  private dropped(tasks: readonly number[]): void {
    this.log.append({ $case: 'dropped', value: { tasks: [...tasks] } });
  }
}
