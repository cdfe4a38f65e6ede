/**
 * A signal that aborts when another one does, or with `late` after `ms` milliseconds. AbortSignal.any() with AbortSignal.timeout()
 * is no such: Node 20 collects a timeout that nothing else knows.
 */
export function signalUntil(signal: AbortSignal | undefined, ms: number, late?: Error): AbortSignal {
  const deadline = new AbortController();
  setTimeout(() => deadline.abort(late), ms).unref();
  return signal === undefined ? deadline.signal : AbortSignal.any([signal, deadline.signal]);
}
