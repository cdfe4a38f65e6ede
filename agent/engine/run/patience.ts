import { OrchError } from '../../../proto/errors.ts';

/** How long a module may take to end after it was told to. */
const graceMs = 5000;

/**
 * For the works of one task, one after the other: a work's own end; or the abort's reason, when it does not end within the
 * grace time after that. The signal is listened to once, not for each of a thousand items.
 */
export function patience(signal: AbortSignal): <T>(work: Promise<T>) => Promise<T> {
  let giveUp: (() => void) | undefined;
  let timer: NodeJS.Timeout | undefined;
  const onAbort = () => {
    timer = setTimeout(() => giveUp?.(), graceMs);
  };
  signal.addEventListener('abort', onAbort, { once: true });
  const ended = () => {
    clearTimeout(timer);
    giveUp = undefined;
  };
  return (work) =>
    new Promise((resolve, reject) => {
      giveUp = () => reject(abortReason(signal));
      if (signal.aborted) onAbort();
      work.then(resolve, reject);
      work.then(ended, ended);
    });
}

/** Why the task is to end. */
export function abortReason(signal: AbortSignal): OrchError {
  return signal.reason instanceof OrchError ? signal.reason : interrupted();
}

export function interrupted(): OrchError {
  return new OrchError({ code: 'interrupted', summary: 'The run was cancelled.' });
}
