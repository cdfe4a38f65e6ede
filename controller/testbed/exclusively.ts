import { join } from 'node:path';
import { OrchError } from '../../proto/errors.ts';
import { withLock } from '../lock.ts';
import { stateDir } from '../paths.ts';
import { type Progress, startProgress } from './progress.ts';

const lockTimeoutMs = 900_000;
const interrupts = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Runs `work` while no other orch changes this testbed. Ctrl-C aborts the signal that `work` gets, which then undoes
 * what it did.
 * @returns the exit code: 0, or 130 when interrupted.
 */
export async function exclusively(work: (progress: Progress, signal: AbortSignal) => Promise<void>): Promise<number> {
  const progress = startProgress();
  const interrupted = new AbortController();
  const abort = () => interrupted.abort(new OrchError({ code: 'interrupted', summary: 'Interrupted.' }));
  // For good: a second Ctrl-C must not cut the undoing short.
  for (const name of interrupts) process.on(name, abort);
  const { signal } = interrupted;
  const waiting = () => progress.say('waiting for another orch to be done with the testbed');
  try {
    const options = { timeoutMs: lockTimeoutMs, signal, waiting, code: 'testbed-failed' } as const;
    await withLock(join(stateDir(), 'testbed.lock'), options, () => work(progress, signal));
    return 0;
  } catch (error) {
    // A timer that was waited for throws its own error, caused by ours.
    const ours = error === signal.reason || (error instanceof Error && error.cause === signal.reason);
    if (!signal.aborted || !ours) throw error;
    progress.say('interrupted: nothing that was started is left');
    return 130;
  }
}
