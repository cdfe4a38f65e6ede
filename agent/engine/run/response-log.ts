import type { RunResponse } from '../../../proto/gen/orch/v1/agent.ts';

/** Where responses go while the controller is connected. `full`: it can't keep up. */
export interface Sink {
  /** All that came within a moment, in order. */
  send(responses: readonly RunResponse[]): void;
  /** Another stream has taken its place, or there is nothing more to send. */
  end(): void;
  readonly full: boolean;
}

/** Bytes of sent responses that a controller whose stream broke may ask for again. */
const keptBytes = 16 * 1024 * 1024;

/**
 * What a running task tells may wait this long for more of it: a message costs the agent more than most tasks do. Nobody
 * waits for it, because what a lane told last is sent as soon as the lane has nothing more to do.
 */
const gatherMs = 50;
/** More than this is not gathered. */
const gatheredBytes = 1024 * 1024;
const gatheredCount = 150;
const patient: ReadonlySet<string> = new Set(['started', 'output', 'itemDone', 'taskDone']);

/** The numbered responses of a run. */
export class ResponseLog {
  private readonly kept: { readonly response: RunResponse; readonly bytes: number }[] = [];
  private bytes = 0;
  private seq = 0;
  private sink: Sink | undefined;
  private waiting: RunResponse[] = [];
  private waitingBytes = 0;
  private timer: NodeJS.Timeout | undefined;

  /** Live output is only for watching (results carry it whole): it is left out when the controller can't keep up. */
  append(message: NonNullable<RunResponse['message']>): void {
    if (message.$case === 'output' && (this.sink === undefined || this.sink.full)) return;
    const response: RunResponse = { seq: ++this.seq, message };
    const bytes = sizeOf(message);
    this.kept.push({ response, bytes });
    this.bytes += bytes;
    while (this.bytes > keptBytes && this.kept.length > 1) this.bytes -= this.kept.shift()?.bytes ?? 0;
    this.waiting.push(response);
    this.waitingBytes += bytes;
    if (!patient.has(message.$case) || this.isEnough) this.flush();
    else this.timer ??= setTimeout(() => this.flush(), gatherMs);
    if (isLast(message)) this.sink?.end();
  }

  /** The controller has time to deal with it while the next are carried out. */
  private get isEnough(): boolean {
    return this.waitingBytes > gatheredBytes || this.waiting.length >= gatheredCount;
  }

  /** Sends what was gathered. */
  flush(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    if (this.waiting.length > 0) this.sink?.send(this.waiting);
    this.waiting = [];
    this.waitingBytes = 0;
  }

  /** Sends on here from now, first what came after `afterSeq`. False: some of that is no longer kept. */
  attach(sink: Sink, afterSeq: number): boolean {
    const first = this.kept[0]?.response.seq ?? this.seq + 1;
    if (afterSeq + 1 < first || afterSeq > this.seq) return false;
    this.flush();
    this.sink?.end();
    this.sink = sink;
    for (const { response } of this.kept) if (response.seq > afterSeq) sink.send([response]);
    if (isLast(this.kept.at(-1)?.response.message)) sink.end();
    return true;
  }

  /** True when this sink was the current one. */
  detach(sink: Sink): boolean {
    if (this.sink !== sink) return false;
    this.sink = undefined;
    return true;
  }
}

/** Nothing comes after it. */
function isLast(message: RunResponse['message']): boolean {
  return message?.$case === 'closed' || message?.$case === 'takenBack';
}

/** Roughly what a message holds in memory. */
function sizeOf(message: NonNullable<RunResponse['message']>): number {
  switch (message.$case) {
    case 'output':
      return 200 + message.value.chunk.length;
    case 'itemDone': {
      const { resultJson, diff, moreDiffs } = message.value;
      return [diff ?? [], ...moreDiffs]
        .flat()
        .reduce(
          (sum, { before, after, prepared }) => sum + before.length + after.length + prepared.length,
          500 + resultJson.length,
        );
    }
    default:
      return 200;
  }
}
