import { writeSync } from 'node:fs';

/** One JSON line on standard error. Never give it secrets or parameters of tasks. */
export function log(message: string, fields: Readonly<Record<string, unknown>> = {}): void {
  try {
    writeSync(2, `${JSON.stringify({ time: new Date().toISOString(), message, ...fields })}\n`);
  } catch {
    // Whoever started this may have closed the other end of the log, and a disk can be full.
  }
}
