import { OrchError } from '../../../proto/errors.ts';
import {
  type Arm,
  type ExecStart,
  type ItemDone,
  type RunResponse,
  Status,
  type Task,
} from '../../../proto/gen/orch/v1/agent.ts';
import type { ContentSource } from '../../connect/calls/bring.ts';
import type { RunningProgram, TakeOutput } from '../../connect/calls/remote-process.ts';
import type { RunStream } from '../../connect/calls/run-stream.ts';
import { lengthOf } from './answer-length.ts';

/** The part of a run's stream that the play needs; agents in tests are made of it. */
export type TaskStream = Pick<
  RunStream,
  'send' | 'bring' | 'program' | 'cancel' | 'arm' | 'extend' | 'leave' | 'close' | 'responses'
>;

/** What is heard of a task before it has ended. */
export interface TaskListener {
  readonly started?: () => void;
  readonly output?: (text: string, stderr: boolean) => void;
  readonly item?: (item: ItemDone) => void;
  /** Contents that it may ask for, under their names. */
  readonly offers?: ReadonlyMap<string, ContentSource> | undefined;
}

/** The items that ran, in order; `dropped` when the agent threw the task away. */
export interface TaskReply {
  readonly items: readonly ItemDone[];
  readonly dropped: boolean;
}

interface InFlight {
  readonly listener: TaskListener;
  /** How many items it has. */
  readonly asked: number;
  started: boolean;
  /** Contents that are on their way for it. */
  readonly wanted: Set<string>;
  readonly items: ItemDone[];
  /** Characters of what the items came to. */
  answered: number;
  readonly resolve: (reply: TaskReply) => void;
  readonly reject: (error: OrchError) => void;
}

/** Of all items of a task together; a text of JavaScript may be twice as long. */
const mostAnswered = 256 * 1024 * 1024;

const closeDeadlineMs = 10_000;
/** What the agent may take to end running tasks: it kills programs after 2 s and leaves a module alone after 5. */
const cancelDeadlineMs = 20_000;

/** One host's stream of tasks: numbers what is sent and brings every answer to the task it is for. */
export class AgentLink {
  readonly host: string;
  /** The workstation's own agent. */
  readonly local: boolean;
  readonly #stream: TaskStream;
  readonly #inFlight = new Map<number, InFlight>();
  readonly #ended: Promise<void>;
  readonly #onArmed: (arm: Arm) => void;
  #nextId = 1;
  /** Something failed there, or it was told to: what waits behind is thrown away. */
  #mayDrop = false;
  #lost: OrchError | undefined;
  /** When it was asked to extend, and has not answered. */
  #askedAt: number | undefined;

  /** `onArmed`: the host takes the run back unless it is confirmed. */
  constructor(host: string, stream: TaskStream, onArmed: (arm: Arm) => void = () => undefined, local = false) {
    this.host = host;
    this.local = local;
    this.#stream = stream;
    this.#onArmed = onArmed;
    this.#ended = this.#listen();
  }

  /** Sends a task behind all others of its lane. Rejects with OrchError when the host is lost before it has ended. */
  run(task: Omit<Task, 'id'>, listener: TaskListener): Promise<TaskReply> {
    if (this.#lost) return Promise.reject(this.#lost);
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      const asked = task.items.length;
      this.#inFlight.set(id, {
        listener,
        asked,
        started: false,
        wanted: new Set(),
        items: [],
        answered: 0,
        resolve,
        reject,
      });
      this.#stream.send({ ...task, id });
    });
  }

  /** Starts a program beside the tasks. Throws OrchError where the host is lost. */
  program(start: ExecStart, take: TakeOutput): RunningProgram {
    if (this.#lost) throw this.#lost;
    return this.#stream.program(start, take);
  }

  /** Lets running tasks end and throws away those behind them, and all that is yet to come but for `laterBatches`. */
  dropQueued(laterBatches = false): void {
    if (this.#lost) return;
    this.#mayDrop = true;
    this.#stream.cancel({ queuedOnly: true, laterBatches });
  }

  /** Ends running tasks too; a host that does not end them within 20 s is given up. */
  cancel(): void {
    if (this.#lost) return;
    this.#mayDrop = true;
    this.#stream.cancel({ queuedOnly: false, laterBatches: false });
    this.#loseUnlessEnded('The agent did not end what runs.');
  }

  /** What is under way has its time to end. */
  #loseUnlessEnded(summary: string): void {
    setTimeout(() => {
      if (this.#inFlight.size > 0) this.#lose(this.#lostError(summary, undefined));
    }, cancelDeadlineMs).unref();
  }

  /** True while the host is heard: it has answered all that it was asked to extend. */
  get heard(): boolean {
    return this.#lost === undefined && this.#askedAt === undefined;
  }

  /** True when nothing can be asked of the host by this stream any more. */
  get lost(): boolean {
    return this.#lost !== undefined;
  }

  /** Gives the stream up without a word; what runs is lost. */
  leave(): void {
    this.#lose(this.#lostError('The connection to the host was left.', undefined));
    this.#stream.leave();
  }

  /** Has the host take the run back unless it is confirmed. */
  arm(arm: Arm): void {
    if (!this.#lost) this.#stream.arm(arm);
  }

  /** Begins the time until then anew. */
  extend(): void {
    if (this.#lost) return;
    this.#askedAt = performance.now();
    this.#stream.extend();
  }

  /** Gives the host up when it has not answered for so long: it has taken the run back by itself. */
  giveUpAfter(ms: number): void {
    if (this.#askedAt === undefined || performance.now() - this.#askedAt < ms) return;
    this.#lose(
      this.#lostError(`The host was not heard for ${Math.round(ms / 1000)} s: it takes the run back.`, undefined),
    );
  }

  /** Tells the agent how the run went and gives its lab back; waits for its last word, at most 10 s or `patienceMs`. */
  async close(exit: number, summary: unknown, patienceMs = closeDeadlineMs): Promise<void> {
    if (this.#lost) return;
    this.#stream.close(exit, JSON.stringify(summary));
    let timer: NodeJS.Timeout | undefined;
    const deadline = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, Math.min(patienceMs, closeDeadlineMs));
    });
    await Promise.race([this.#ended, deadline]);
    clearTimeout(timer);
  }

  async #listen(): Promise<void> {
    try {
      for await (const response of this.#stream.responses) this.#hear(response);
      this.#lose(this.#lostError('The agent ended the run early.', undefined));
    } catch (error) {
      this.#lose(error instanceof OrchError ? error : this.#lostError('The connection to the agent broke.', error));
      this.#stream.leave();
    }
  }

  /** A host may be in others' hands: whatever it says, and however often, takes no more than its own tasks are worth. */
  #hear({ message }: RunResponse): void {
    switch (message?.$case) {
      case 'started': {
        const task = this.#inFlight.get(message.value.task);
        if (task && !task.started) task.listener.started?.();
        if (task) task.started = true;
        break;
      }
      case 'output':
        this.#inFlight
          .get(message.value.task)
          ?.listener.output?.(message.value.chunk.toString('utf8'), message.value.stderr);
        break;
      case 'itemDone': {
        const task = this.#inFlight.get(message.value.task);
        if (!task) break;
        if (task.items.length === task.asked || message.value.item !== task.items.length)
          throw new Error('The agent answers what it was not asked.');
        this.#mayDrop ||= message.value.status === Status.FAILED;
        task.answered += lengthOf(message.value);
        if (task.answered > mostAnswered)
          throw new Error(`The results of one task have more than ${mostAnswered} characters.`);
        const { code, summary = '' } = message.value.diagnostic ?? {};
        // It has given the run up, and not this task alone: no rescue, no task behind it can go on there.
        if (code === 'connection-lost') this.#lose(this.#lostError(summary, undefined));
        else if (code === 'not-confirmed') this.#lose(this.#takenBackError(summary));
        else {
          task.items.push(message.value);
          task.listener.item?.(message.value);
        }
        break;
      }
      case 'wanted': {
        const task = this.#inFlight.get(message.value.task);
        if (task) this.#bring(message.value.id, task);
        break;
      }
      case 'armed':
        this.#onArmed(message.value);
        break;
      case 'extended':
        this.#askedAt = undefined;
        break;
      case 'takenBack':
        this.#lose(this.#takenBackError(`The host took the run back: ${message.value.reason}.`));
        break;
      case 'taskDone': {
        const task = this.#inFlight.get(message.value.task);
        if (task && task.items.length < task.asked)
          throw new Error('The agent says that a task is done, and has not told of all its items.');
        this.#end(message.value.task, false);
        break;
      }
      case 'dropped':
        if (this.#mayDrop) for (const id of message.value.tasks) this.#end(id, true);
        // An agent that is told to end throws away what waits, and says so with what runs.
        else this.#loseUnlessEnded('The agent threw tasks away, and nothing has failed.');
        break;
      default:
    }
  }

  /** Each one once at a time, and one that nobody has offered. */
  #bring(id: string, { listener, wanted }: InFlight): void {
    const source = listener.offers?.get(id);
    const name = source === undefined ? '' : id;
    if (wanted.has(name)) return;
    wanted.add(name);
    void this.#stream.bring(id, source).finally(() => wanted.delete(name));
  }

  #end(id: number, dropped: boolean): void {
    const task = this.#inFlight.get(id);
    this.#inFlight.delete(id);
    task?.resolve({ items: task.items, dropped });
  }

  #lose(error: OrchError): void {
    this.#lost ??= error;
    for (const task of this.#inFlight.values()) task.reject(error);
    this.#inFlight.clear();
  }

  #takenBackError(summary: string): OrchError {
    return new OrchError({
      code: 'not-confirmed',
      summary,
      hint: 'It is as it was before the run. If the time was too short, give more with --confirm SECONDS.',
      where: { host: this.host },
    });
  }

  #lostError(summary: string, cause: unknown): OrchError {
    return new OrchError({
      code: 'connection-lost',
      summary,
      detail: cause instanceof Error ? cause.message : undefined,
      hint: 'Run the playbook again: it takes up whatever state the host is in.',
      where: { host: this.host },
      cause,
    });
  }
}
