import type { DaemonSpec } from './spec.ts';

type Policy = Pick<DaemonSpec, 'restart' | 'backoff' | 'giveUp'>;

/** What has come to pass with a daemon since somebody started it. */
export interface Restarts {
  /** When it was started again by itself; milliseconds. */
  readonly at: readonly number[];
  /** What the last restart waited for; 0: there was none, or it was long ago. */
  readonly delayMs: number;
}

export const noRestarts: Restarts = { at: [], delayMs: 0 };

export type Decision =
  | { readonly do: 'restart'; readonly delayMs: number; readonly restarts: Restarts }
  | { readonly do: 'leave' }
  | { readonly do: 'give-up' };

/**
 * What to do about a process that ended by itself. The delay doubles with each restart, and begins anew once a process
 * was up for longer than the longest delay.
 */
export function decide(
  policy: Policy,
  end: { readonly failed: boolean; readonly upMs: number },
  before: Restarts,
  now: number,
): Decision {
  const { restart, backoff, giveUp } = policy;
  if (restart === 'never' || (restart === 'on-failure' && !end.failed)) return { do: 'leave' };
  const at = before.at.filter((time) => now - time < giveUp.within * 1000);
  if (at.length >= giveUp.restarts) return { do: 'give-up' };
  const settled = end.upMs > backoff.max * 1000;
  const next = settled || before.delayMs === 0 ? backoff.initial * 1000 : before.delayMs * 2;
  const delayMs = Math.min(next, backoff.max * 1000);
  return { do: 'restart', delayMs, restarts: { at: [...at, now], delayMs } };
}
