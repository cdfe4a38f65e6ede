import type { Writable } from 'node:stream';

/** Resolves when the stream of a call takes more, or nobody reads it any more. */
export function drained(call: Writable & { readonly cancelled: boolean }): Promise<void> {
  const events = ['drain', 'close', 'cancelled'] as const;
  return new Promise((resolve) => {
    if (call.cancelled || call.destroyed || !call.writableNeedDrain) return resolve();
    const done = () => {
      for (const event of events) call.off(event, done);
      resolve();
    };
    for (const event of events) call.on(event, done);
  });
}
