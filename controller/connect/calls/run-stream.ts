import { setTimeout as sleep } from 'node:timers/promises';
import { OrchError } from '../../../proto/errors.ts';
import type {
  Arm,
  Cancel,
  ExecStart,
  Lack,
  Open,
  Restored,
  RunRequest,
  RunResponse,
  Settled,
  Task,
} from '../../../proto/gen/orch/v1/agent.ts';
import { interrupted } from '../deadline.ts';
import type { AgentConnection } from '../types.ts';
import { bringContent, type ContentSource } from './bring.ts';
import { RemoteProcess, type RunningProgram, type TakeOutput } from './remote-process.ts';
import { callError } from './rpc.ts';
import { labLocked, notOpened, streamLost } from './run-errors.ts';

/** One run on one host, across broken connections. */
export interface RunStream {
  /** Queues a task; ids ascend. Never blocks. */
  send(task: Task): void;
  /** Sends a content that the agent asked for, undefined: one that nobody has offered. Never rejects. */
  bring(id: string, source: ContentSource | undefined): Promise<void>;
  /** Starts a program beside the tasks; it is not taken up again where the connection breaks. */
  program(start: ExecStart, take: TakeOutput): RunningProgram;
  /** Ends running tasks, or with `queueOnly` only drops what waits. */
  cancel(cancel: Cancel): void;
  /** From now on the run is taken back unless it is confirmed; answered by `armed`. */
  arm(arm: Arm): void;
  /** Begins the time until then anew; answered by `extended`. */
  extend(): void;
  /** Ends here without a word to the agent, and is not taken up again: the host is reached by another stream. */
  leave(): void;
  /** Nothing more to send: the agent finishes its queue, releases the lab and ends `responses`. */
  close(exit: number, summaryJson: string): void;
  /**
   * Everything the agent says after `opened`, each once and in order; ends after `closed` or `takenBack`.
   * Iterate once. Throws OrchError 'connection-lost' when the stream broke and could not be taken up again.
   */
  readonly responses: AsyncIterable<RunResponse>;
  /** The connection in use: another one after a reconnect. Still open when the stream has ended. */
  readonly connection: AgentConnection;
  /** How the lab's last run there ended, when that had to be confirmed. */
  readonly settled: Settled | undefined;
  /** How the lab was brought back after the start of the host, when nothing was run since. */
  readonly restored: Restored | undefined;
}

/** Waits before the tries to take a stream up again, and the deadline for all of them together. */
const retryDelaysMs = [100, 2_000, 5_000];
const resumeDeadlineMs = 20_000;
/** Beyond the wait for the lab: what the agent may take to answer `open`. */
const openGraceMs = 10_000;

/** Tasks beyond this are not gathered into one message. */
const gatheredBytes = 1024 * 1024;

// What a broken or half-open connection looks like; everything else is the agent's considered answer.
const transientStatus = new Set([1 /* CANCELLED */, 2 /* UNKNOWN */, 13 /* INTERNAL */, 14 /* UNAVAILABLE */]);

type Call = ReturnType<AgentConnection['client']['run']>;

/** The host has not all that the run needs: nothing was opened. */
export class HostLacks extends Error {
  readonly lacks: readonly Lack[];

  constructor(lacks: readonly Lack[]) {
    super('the host lacks what the run needs');
    this.lacks = lacks;
  }
}

/**
 * Takes the lab on one host and opens its stream of tasks.
 * `reconnect` makes a new connection to the same host; it is called at most three times for each break, within 20 s.
 * Throws OrchError 'lab-locked', naming the holder, when another run has the lab after `open.waitMs`; HostLacks when the
 * host has not what `open` says that the run needs; OrchError 'interrupted' when `signal` ends the wait.
 */
export async function openRun(
  connection: AgentConnection,
  reconnect: (signal: AbortSignal) => Promise<AgentConnection>,
  open: Open,
  signal?: AbortSignal,
): Promise<RunStream> {
  const stream = new ResumableRun(connection, reconnect, open.run);
  await stream.open(open, signal);
  return stream;
}

class ResumableRun implements RunStream {
  connection: AgentConnection;
  readonly responses: AsyncIterable<RunResponse>;
  settled: Settled | undefined;
  restored: Restored | undefined;
  private readonly reconnect: (signal: AbortSignal) => Promise<AgentConnection>;
  private readonly run: string;
  private call: Call;
  private replies: AsyncIterator<RunResponse>;
  private lastSeq = 0;
  /** Tries to take the stream up since the agent was last heard. */
  private tries = 0;
  /** Sent, and not heard of yet: sent again when the stream is taken up. */
  private readonly unanswered = new Map<number, RunRequest>();
  private readonly endings: RunRequest[] = [];
  private left = false;
  private gathered: Task[] = [];
  private gatheredBytes = 0;

  constructor(connection: AgentConnection, reconnect: (signal: AbortSignal) => Promise<AgentConnection>, run: string) {
    this.connection = connection;
    this.reconnect = reconnect;
    this.run = run;
    this.call = startCall(connection);
    this.replies = this.call[Symbol.asyncIterator]();
    this.responses = this.receive();
  }

  async open(open: Open, signal?: AbortSignal): Promise<void> {
    this.write({ message: { $case: 'open', value: open } });
    const stop = () => this.call.cancel();
    const patienceMs = open.waitMs + openGraceMs;
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      stop();
    }, patienceMs);
    signal?.addEventListener('abort', stop);
    try {
      const { value } = await this.replies.next();
      const message = (value as RunResponse | undefined)?.message;
      if (message?.$case !== 'opened') throw new Error(`answered ${message?.$case ?? 'nothing'} to open`);
      if (message.value.heldBy) throw labLocked(this.connection.host, open.lab, message.value.heldBy);
      if (message.value.lacks) throw new HostLacks(message.value.lacks.all);
      this.settled = message.value.settled;
      this.restored = message.value.restored;
      this.lastSeq = (value as RunResponse).seq;
    } catch (error) {
      stop();
      if (signal?.aborted) throw interrupted();
      if (late) throw notOpened(this.connection.host, patienceMs);
      throw error instanceof HostLacks ? error : callError(this.connection.host, error);
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', stop);
    }
  }

  send(task: Task): void {
    this.unanswered.set(task.id, { message: { $case: 'task', value: task } });
    if (this.gathered.length === 0) setImmediate(() => this.sendGathered());
    this.gathered.push(task);
    this.gatheredBytes += task.items.reduce((bytes, item) => bytes + item.paramsJson.length, 0);
    if (this.gatheredBytes > gatheredBytes) this.sendGathered();
  }

  /** Tasks that are sent within one turn go as one message, which costs the agent less. */
  private sendGathered(): void {
    const tasks = this.gathered;
    this.gathered = [];
    this.gatheredBytes = 0;
    const [first, ...others] = tasks;
    if (first === undefined) return;
    if (others.length === 0) this.write({ message: { $case: 'task', value: first } });
    else this.write({ message: { $case: 'tasks', value: { tasks } } });
  }

  bring(id: string, source: ContentSource | undefined): Promise<void> {
    return bringContent(this.connection, id, source);
  }

  program(start: ExecStart, take: TakeOutput): RunningProgram {
    return new RemoteProcess(this.connection, start, take);
  }

  cancel(cancel: Cancel): void {
    const request: RunRequest = { message: { $case: 'cancel', value: cancel } };
    this.endings.push(request);
    this.sendGathered();
    this.write(request);
  }

  arm(arm: Arm): void {
    this.write({ message: { $case: 'arm', value: arm } });
  }

  extend(): void {
    this.write({ message: { $case: 'extend', value: {} } });
  }

  close(exit: number, summaryJson: string): void {
    const request: RunRequest = { message: { $case: 'close', value: { exit, summaryJson } } };
    this.endings.push(request);
    this.sendGathered();
    this.write(request);
  }

  leave(): void {
    this.left = true;
    this.call.cancel();
  }

  private async *receive(): AsyncGenerator<RunResponse> {
    for (;;) {
      let response: RunResponse | undefined;
      try {
        const next = await this.replies.next();
        if (next.done) throw new Error('the agent ended the stream early');
        response = next.value;
      } catch (error) {
        await this.resume(error);
        continue;
      }
      for (const single of singles(response)) {
        if (single.seq <= this.lastSeq) continue;
        this.lastSeq = single.seq;
        this.tries = 0;
        this.answered(single);
        yield single;
        if (single.message?.$case !== 'closed' && single.message?.$case !== 'takenBack') continue;
        this.call.end();
        return;
      }
    }
  }

  private answered({ message }: RunResponse): void {
    switch (message?.$case) {
      case 'started':
      case 'itemDone':
      case 'taskDone':
        this.unanswered.delete(message.value.task);
        break;
      case 'dropped':
        for (const id of message.value.tasks) this.unanswered.delete(id);
        break;
      default:
    }
  }

  private async resume(cause: unknown): Promise<void> {
    const deadline = AbortSignal.timeout(resumeDeadlineMs);
    let last = cause;
    for (const delayMs of retryDelaysMs.slice(this.tries)) {
      if (this.left || !isTransient(last) || deadline.aborted) break;
      this.tries += 1;
      // Jitter: a switch that forgot a hundred connections must not get all hundred back at once.
      await sleep(delayMs * (0.75 + Math.random() / 2));
      try {
        const next = await this.reconnect(deadline);
        if (this.left) {
          void next.close();
          break;
        }
        void this.connection.close();
        this.connection = next;
        this.call = startCall(next);
        this.replies = this.call[Symbol.asyncIterator]();
        this.gathered = [];
        this.write({ message: { $case: 'resume', value: { run: this.run, afterSeq: this.lastSeq } } });
        for (const request of [...this.unanswered.values(), ...this.endings]) this.write(request);
        return;
      } catch (error) {
        // What was found in the last try that had its time says more than that there was no more.
        if (!deadline.aborted) last = error;
      }
    }
    const isSilent = deadline.aborted && last === cause;
    throw streamLost(this.connection.host, last, isSilent ? resumeDeadlineMs : undefined);
  }

  private write(request: RunRequest): void {
    // A stream that is down takes nothing; resume() sends what was missed.
    if (this.call.writable) this.call.write(request);
  }
}

function singles(response: RunResponse): readonly RunResponse[] {
  return response.message?.$case === 'batch' ? response.message.value.responses : [response];
}

function startCall(connection: AgentConnection): Call {
  const call = connection.client.run();
  // The iterator reports errors; without a listener one that comes between two reads would end the process.
  call.on('error', () => {});
  return call;
}

function isTransient(error: unknown): boolean {
  if (error instanceof OrchError) return true;
  const code = (error as { code?: unknown }).code;
  return typeof code === 'number' ? transientStatus.has(code) : true;
}
