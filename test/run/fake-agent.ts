import type { TaskStream } from '../../controller/run/hosts/agent-link.ts';
import { OrchError } from '../../proto/errors.ts';
import {
  type Arm,
  type Cancel,
  type Item,
  type RunResponse,
  Status,
  type Task,
} from '../../proto/gen/orch/v1/agent.ts';

/** A canned answer for tasks that look like this. */
export interface CannedAnswer {
  readonly module: string;
  /** Parameters that the task must have, with these values. */
  readonly params?: Readonly<Record<string, unknown>>;
  readonly status?: 'ok' | 'changed' | 'failed' | 'skipped';
  readonly result?: Readonly<Record<string, unknown>>;
  /** The result's text as it is. */
  readonly result_json?: string;
  readonly diff?: { readonly before: string; readonly after: string };
  readonly output?: string;
  readonly code?: string;
  readonly summary?: string;
  readonly warnings?: string[];
  /** How often the answer holds; then the next one that fits. */
  readonly times?: number;
  /** The connection breaks instead. */
  readonly lost?: boolean;
  /** The task runs until it is cancelled. */
  readonly hangs?: boolean;
  /** The task runs until its queue is dropped, and ends well. */
  readonly slow?: boolean;
  /** The task runs until a command of this text has come. */
  readonly until_task?: string;
}

interface FakeLane {
  queue: Task[];
  latestBatch: number;
  failedBatch: number;
  running: boolean;
}

const statuses = { ok: Status.OK, changed: Status.CHANGED, failed: Status.FAILED, skipped: Status.SKIPPED };

/**
 * An agent in this process that keeps the contract of the stream: lanes in order, a failed task drops what is queued of its batch
 * or before, cancel drops and ends. With `patience` it answers nothing before so many tasks have come, and then those at once.
 */
export class FakeAgent implements TaskStream {
  readonly responses: AsyncIterable<RunResponse>;
  /** All tasks that came, in order. */
  readonly received: Task[] = [];
  closedWith: { exit: number; summary: string } | undefined;
  readonly #answers: { readonly answer: CannedAnswer; left: number }[];
  #patience: number;
  readonly #atOnce: boolean;
  readonly #lanes = new Map<string, FakeLane>();
  readonly #out: RunResponse[] = [];
  #wake: () => void = () => {};
  #seq = 0;
  #lost = false;
  #hanging: (() => void)[] = [];
  #slow: (() => void)[] = [];
  /** Its queue was dropped, maybe before a slow task had begun. */
  #cancelled = false;
  #until: { readonly cmd: string; readonly end: () => void }[] = [];
  onTask: ((task: Task) => void) | undefined;

  /** It asks for nothing. */
  readonly bring = async (): Promise<void> => undefined;

  readonly program = (): never => {
    throw new Error('this agent runs no programs');
  };

  constructor(answers: readonly CannedAnswer[], patience = 0) {
    this.#answers = answers.map((answer) => ({ answer, left: answer.times ?? Number.POSITIVE_INFINITY }));
    this.#patience = patience;
    this.#atOnce = Number.isFinite(patience) && patience > 0;
    this.responses = this.#receive();
  }

  send(task: Task): void {
    this.received.push(task);
    const lane = this.#lanes.get(task.lane) ?? { queue: [], latestBatch: 0, failedBatch: 0, running: false };
    this.#lanes.set(task.lane, lane);
    lane.latestBatch = Math.max(lane.latestBatch, task.batch);
    if (task.batch <= lane.failedBatch) this.#say({ $case: 'dropped', value: { tasks: [task.id] } });
    else lane.queue.push(task);
    for (const { cmd, end } of this.#until) if (hasCommand(task, cmd)) end();
    this.#start();
    this.onTask?.(task);
  }

  cancel({ queuedOnly, laterBatches }: Cancel): void {
    this.#cancelled = true;
    for (const lane of this.#lanes.values()) {
      lane.failedBatch = laterBatches ? Math.max(lane.failedBatch, lane.latestBatch) : Number.POSITIVE_INFINITY;
      const tasks = lane.queue.splice(0).map(({ id }) => id);
      if (tasks.length > 0) this.#say({ $case: 'dropped', value: { tasks } });
    }
    for (const end of this.#slow.splice(0)) end();
    if (!queuedOnly) for (const end of this.#hanging.splice(0)) end();
  }

  arm(arm: Arm): void {
    this.#say({ $case: 'armed', value: arm });
  }

  extend(): void {
    this.#say({ $case: 'extended', value: {} });
  }

  leave(): void {
    this.#lose();
  }

  close(exit: number, summary: string): void {
    this.closedWith = { exit, summary };
    this.#say({ $case: 'closed', value: {} });
  }

  #start(): void {
    if (this.received.length >= this.#patience) this.start();
  }

  /** Begins to answer. */
  start(): void {
    this.#patience = 0;
    for (const lane of this.#lanes.values()) {
      if (lane.running) continue;
      lane.running = true;
      void this.#work(lane);
    }
  }

  async #work(lane: FakeLane): Promise<void> {
    for (let task = lane.queue.shift(); task && !this.#lost; task = lane.queue.shift()) {
      if (!this.#atOnce) await new Promise((resolve) => setImmediate(resolve));
      const failed = await this.#run(task);
      if (!failed || task.keepGoing) continue;
      lane.failedBatch = task.batch;
      const dropped = lane.queue.filter(({ batch }) => batch <= lane.failedBatch);
      lane.queue = lane.queue.filter(({ batch }) => batch > lane.failedBatch);
      if (dropped.length > 0) this.#say({ $case: 'dropped', value: { tasks: dropped.map(({ id }) => id) } });
    }
    lane.running = false;
  }

  async #run(task: Task): Promise<boolean> {
    this.#say({ $case: 'started', value: { task: task.id } });
    let worst: Status = Status.OK;
    for (const [index, item] of task.items.entries()) {
      const answer = this.#answerFor(task, item);
      if (answer.lost) return this.#lose();
      if (answer.hangs) await new Promise<void>((resolve) => this.#hanging.push(resolve));
      const { until_task: cmd } = answer;
      if (cmd !== undefined && !this.received.some((other) => hasCommand(other, cmd))) {
        await new Promise<void>((end) => this.#until.push({ cmd, end }));
      }
      if (answer.slow && !this.#cancelled) await new Promise<void>((resolve) => this.#slow.push(resolve));
      const status = answer.hangs ? Status.FAILED : statuses[answer.status ?? 'ok'];
      if (answer.output) {
        const chunk = Buffer.from(answer.output);
        this.#say({ $case: 'output', value: { task: task.id, item: index, stderr: false, chunk } });
      }
      this.#say({
        $case: 'itemDone',
        value: {
          task: task.id,
          item: index,
          status,
          resultJson: answer.result_json ?? JSON.stringify(answer.result ?? {}),
          diff: answer.diff && { path: '', afterPath: '', prepared: '', ...answer.diff },
          moreDiffs: [],
          diagnostic:
            status === Status.FAILED
              ? {
                  code: answer.hangs ? 'interrupted' : (answer.code ?? 'task-failed'),
                  summary: answer.summary ?? 'it failed',
                  detail: '',
                  hint: '',
                }
              : undefined,
          warnings: answer.warnings ?? [],
          durationUs: 1000,
        },
      });
      if (status === Status.FAILED || worst === Status.OK) worst = status;
    }
    this.#say({ $case: 'taskDone', value: { task: task.id, status: worst } });
    return worst === Status.FAILED;
  }

  #answerFor(task: Task, item: Item): CannedAnswer {
    const params = JSON.parse(item.paramsJson) as Record<string, unknown>;
    const found = this.#answers.find(
      ({ answer, left }) =>
        left > 0 &&
        answer.module === task.module &&
        Object.entries(answer.params ?? {}).every(
          ([key, value]) => JSON.stringify(params[key]) === JSON.stringify(value),
        ),
    );
    if (found) found.left -= 1;
    return found?.answer ?? { module: task.module };
  }

  #lose(): boolean {
    this.#lost = true;
    this.#wake();
    return false;
  }

  #say(message: RunResponse['message']): void {
    this.#out.push({ seq: ++this.#seq, message });
    this.#wake();
  }

  async *#receive(): AsyncGenerator<RunResponse> {
    for (;;) {
      for (let response = this.#out.shift(); response; response = this.#out.shift()) {
        yield response;
        if (response.message?.$case === 'closed') return;
      }
      if (this.#lost) throw new OrchError({ code: 'connection-lost', summary: 'The connection broke.' });
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}

function hasCommand(task: Task, cmd: string): boolean {
  return task.items.some(({ paramsJson }) => (JSON.parse(paramsJson) as { cmd?: unknown }).cmd === cmd);
}
