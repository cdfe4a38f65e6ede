import { OrchError } from '../../proto/errors.ts';

/**
 * Waits for `work` at most `ms` milliseconds and while `signal` is not aborted.
 * Rejects with what `late` makes, or with OrchError 'interrupted'; the work itself must be ended by the caller.
 */
export function withDeadline<T>(
  work: Promise<T>,
  ms: number,
  signal: AbortSignal | undefined,
  late: () => OrchError,
): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const timer = setTimeout(() => done(() => reject(late())), ms);
    const onAbort = () => done(() => reject(interrupted()));
    const done = (settle: () => void) => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
      settle();
    };
    signal?.addEventListener('abort', onAbort);
    work.then(
      (value) => done(() => resolve(value)),
      (error: unknown) => done(() => reject(error)),
    );
    if (signal?.aborted) onAbort();
  });
}

export function interrupted(): OrchError {
  return new OrchError({ code: 'interrupted', summary: 'Interrupted while connecting.' });
}

/** Milliseconds as people say them. */
export function seconds(ms: number): string {
  return `${Math.round(ms / 100) / 10} s`;
}
