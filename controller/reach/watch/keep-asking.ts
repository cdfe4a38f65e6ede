import { setTimeout as sleep } from 'node:timers/promises';
import type { Loss } from '../../report/why/watch-types.ts';

/** One probe's end. */
export interface Answer {
  readonly replied: boolean;
  readonly rttMs: number | undefined;
  readonly text: string;
}

export interface Tally {
  readonly sent: number;
  readonly answered: number;
}

/** What is to be done as it comes about. */
export interface Asking {
  /** Undefined: the signal broke it off. */
  readonly probe: () => Promise<Answer | undefined>;
  /** Microseconds. */
  readonly now: () => number;
  readonly intervalMs: number;
  /** How many probes are sent; 0: until the signal. */
  readonly count: number;
  readonly signal: AbortSignal;
  /** After each probe; the time of the answer, if there was one. */
  readonly told: (tally: Tally, rttMs: number | undefined) => void;
  /** The first probe of a row that is not answered. The next one is sent when this is over. */
  readonly lost: (loss: Loss) => Promise<void>;
  /** Answered again; `forUs`: since the first of the row was sent. */
  readonly back: (forUs: number) => void;
}

/** Sends probes, one each interval, until there were enough or the signal comes. */
export async function keepAsking(asking: Asking): Promise<Tally> {
  const { probe, now, intervalMs, count, signal } = asking;
  let [sent, answered] = [0, 0];
  let answeredUs: number | undefined;
  let lostUs: number | undefined;
  while (!signal.aborted && (count === 0 || sent < count)) {
    const us = now();
    const answer = await probe();
    if (answer === undefined) break;
    const { replied, rttMs, text } = answer;
    sent++;
    if (replied) answered++;
    asking.told({ sent, answered }, rttMs);
    if (replied) {
      if (lostUs !== undefined) asking.back(us - lostUs);
      [answeredUs, lostUs] = [us, undefined];
    } else if (lostUs === undefined) {
      lostUs = us;
      await asking.lost({ us, text, answeredUs });
    }
    const rest = intervalMs - (now() - us) / 1000;
    const more = count === 0 || sent < count;
    if (more && rest > 0) await sleep(rest, undefined, { signal }).catch(() => undefined);
  }
  return { sent, answered };
}
