import { OrchError } from '../../../proto/errors.ts';
import { signalUntil } from '../../../proto/signal-until.ts';
import type { TaskRun } from './task-run.ts';

/** Of a task that has a deadline: aborts by that, or by Ctrl-C. */
export function deadlineOf({ walk, settings: { timeoutMs } }: TaskRun): AbortSignal | undefined {
  if (timeoutMs === 0) return undefined;
  const period = timeoutMs / 1000;
  const summary = `Timed out after ${period} second(s).`;
  const late = new OrchError({ code: 'task-timeout', summary, result: { timedout: { period } } });
  return signalUntil(walk.play.run.interrupt.signal, timeoutMs, late);
}

/** What the work comes to, unless the deadline is over before. */
export function beforeDeadline<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const late = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => {
      if (signal.reason instanceof OrchError) reject(signal.reason);
    });
  });
  return Promise.race([work, late]);
}
