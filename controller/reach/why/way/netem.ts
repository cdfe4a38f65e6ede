import type { Evidence, Place } from '../seen/evidence.ts';

/** What netem does to packets that leave by a device. */
export interface Netem {
  readonly loss: number;
  readonly delayMs: number;
}

/** Less than this, and a single packet that is lost is more likely lost by something else. */
export const likelyPercent = 50;

export function netemOf({ place, dev }: { readonly place: Place; readonly dev: string }): readonly Netem[] {
  return place.qdiscs
    .filter((qdisc) => qdisc.kind === 'netem' && qdisc.dev === dev)
    .map(({ loss, delayMs }) => ({ loss, delayMs }));
}

/** By itself it keeps an answer away. */
export function tooMuch({ loss, delayMs }: Netem, { timeoutMs }: Evidence['question']): boolean {
  return loss >= likelyPercent || delayMs > timeoutMs;
}
