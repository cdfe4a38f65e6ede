import type { ClientDuplexStream } from '@grpc/grpc-js';
import { isErrorCode, OrchError } from '../../../proto/errors.ts';
import type {
  Changes,
  Collect,
  Collected,
  Diagnostic,
  FollowChanges,
  FollowingChanges,
  Look,
  LookedUp,
  Lookup,
  NetnsView,
  ObserveRequest,
  ObserveResponse,
  ProbeSent,
  SendProbe,
  Watch,
  Watching,
} from '../../../proto/gen/orch/v1/agent.ts';
import { seconds, withDeadline } from '../deadline.ts';
import type { AgentConnection } from '../types.ts';
import { callError } from './rpc.ts';

type Asked = NonNullable<ObserveRequest['message']>;
type Answer = NonNullable<ObserveResponse['message']>;

interface Waiting {
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: OrchError) => void;
}

/** How far a host's monotonic clock is ahead of this process's, in microseconds. */
export interface ClockOffset {
  readonly offsetUs: number;
  /** Half of the least round trip: the offset is off by no more. */
  readonly errorUs: number;
}

/** What agents tell at most; a host that tells more is up to something else, and this process is all hosts'. */
const [mostNamespaces, mostEvents, longestReading] = [10_000, 5000, 4 * 1024 * 1024];

const mostSamples = 3;
/** How much two clocks may drift apart: quartz is off by no more, and NTP slews by 500 ppm at most (adjtimex(2)). */
const mostDrift = 500e-6;

/** One host's agent that looks on while a probe is sent. All of it throws OrchError, and waits no longer than said. */
export class Observer {
  readonly host: string;
  private readonly call: ClientDuplexStream<ObserveRequest, ObserveResponse>;
  private readonly waiting = new Map<number, Waiting>();
  private readonly timeoutMs: number;
  private readonly signal: AbortSignal;
  private ended: OrchError | undefined;
  private clock: (ClockOffset & { readonly atUs: number }) | undefined;
  private takeChanges: (changes: Changes) => void = () => undefined;
  private last = 0;

  constructor({ client, host }: AgentConnection, timeoutMs: number, signal: AbortSignal) {
    this.host = host;
    this.timeoutMs = timeoutMs;
    this.signal = signal;
    this.call = client.observe();
    this.call.on('data', ({ id, message }: ObserveResponse) => {
      if (message === undefined) return;
      if (message.$case === 'changes') return this.takeChanges(message.value);
      this.waiting.get(id)?.resolve(message);
      this.waiting.delete(id);
    });
    this.call.on('error', (error) => this.end(callError(host, error)));
    this.call.on('end', () => this.end(lost(host)));
  }

  /** The present state of namespaces ("" is the host's own), or of all of them when none is named. */
  async look(request: Look): Promise<readonly NetnsView[]> {
    const { views } = await this.ask({ $case: 'look', value: request }, (answer) =>
      answer.$case === 'looked' ? answer.value : undefined,
    );
    const isLong = views.some(({ readings }) => readings.some(({ text }) => text.length > longestReading));
    if (isLong || views.length > mostNamespaces) throw tooMuch(this.host);
    return views;
  }

  lookUp(request: Lookup): Promise<LookedUp> {
    return this.ask({ $case: 'lookup', value: request }, (answer) =>
      answer.$case === 'lookedUp' ? answer.value : undefined,
    );
  }

  watch(request: Watch): Promise<Watching> {
    return this.ask({ $case: 'watch', value: request }, (answer) =>
      answer.$case === 'watching' ? answer.value : undefined,
    );
  }

  sendProbe(request: SendProbe): Promise<ProbeSent> {
    return this.ask(
      { $case: 'sendProbe', value: request },
      (answer) => (answer.$case === 'probeSent' ? answer.value : undefined),
      request.count * request.timeoutMs,
    );
  }

  async collect(request: Collect): Promise<Collected> {
    const collected = await this.ask({ $case: 'collect', value: request }, (answer) =>
      answer.$case === 'collected' ? answer.value : undefined,
    );
    if (collected.events.length > mostEvents) throw tooMuch(this.host);
    return collected;
  }

  /** Has `take` told of changes from now on, as long as this looks on. */
  followChanges(request: FollowChanges, take: (changes: Changes) => void): Promise<FollowingChanges> {
    this.takeChanges = take;
    return this.ask({ $case: 'followChanges', value: request }, (answer) =>
      answer.$case === 'followingChanges' ? answer.value : undefined,
    );
  }

  /**
   * The sample with the least round trip tells the clock best (RFC 5905, section 10), of this call or of one before, whose
   * error grows with its age. No more are taken once one tells nothing new: the agent is busy.
   */
  async clockOffset(): Promise<ClockOffset> {
    for (let sample = 0; sample < mostSamples; sample++) {
      const sent = nowUs();
      const { monotonicUs } = await this.ask({ $case: 'askClock', value: {} }, (answer) =>
        answer.$case === 'clock' ? answer.value : undefined,
      );
      const atUs = nowUs();
      const errorUs = (atUs - sent) / 2;
      if (errorUs > this.clockError(atUs)) break;
      this.clock = { offsetUs: monotonicUs - (sent + errorUs), errorUs, atUs };
    }
    return { offsetUs: this.clock?.offsetUs ?? 0, errorUs: this.clockError(nowUs()) };
  }

  private clockError(nowUs: number): number {
    const { clock } = this;
    return clock === undefined ? Number.POSITIVE_INFINITY : clock.errorUs + (nowUs - clock.atUs) * mostDrift;
  }

  /** The agent takes away all that was armed. */
  close(): void {
    this.call.end();
    this.call.cancel();
  }

  private async ask<T>(message: Asked, pick: (answer: Answer) => T | undefined, moreMs = 0): Promise<T> {
    if (this.ended !== undefined) throw this.ended;
    const id = ++this.last;
    const answered = new Promise<Answer>((resolve, reject) => this.waiting.set(id, { resolve, reject }));
    this.call.write({ id, message });
    const ms = this.timeoutMs + moreMs;
    const answer = await withDeadline(answered, ms, this.signal, () => late(this.host, message.$case, ms));
    const picked = pick(answer);
    if (picked !== undefined) return picked;
    throw answer.$case === 'failed' ? failed(this.host, answer.value) : lost(this.host);
  }

  private end(error: OrchError): void {
    this.ended ??= error;
    for (const { reject } of this.waiting.values()) reject(error);
    this.waiting.clear();
  }
}

function nowUs(): number {
  return Number(process.hrtime.bigint() / 1000n);
}

function failed(host: string, { code, summary, detail, hint }: Diagnostic): OrchError {
  return new OrchError({
    code: isErrorCode(code) ? code : 'internal',
    ...{ summary, detail: detail || undefined, hint: hint || undefined, where: { host } },
  });
}

function late(host: string, what: string, ms: number): OrchError {
  return new OrchError({
    code: 'connection-lost',
    summary: `The agent did not answer "${what}" within ${seconds(ms)}.`,
    hint: '--timeout SECONDS waits longer.',
    where: { host },
  });
}

function tooMuch(host: string): OrchError {
  return new OrchError({
    code: 'connection-lost',
    summary: 'The agent tells more than there is to be seen of one probe.',
    hint: 'Is that host to be trusted? Other hosts can be asked without it, by --limit.',
    where: { host },
  });
}

function lost(host: string): OrchError {
  return new OrchError({
    code: 'connection-lost',
    summary: 'The agent stopped looking on before the probe was over.',
    hint: 'Run again; agent.log in /var/lib/orch on the host says more.',
    where: { host },
  });
}
