import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { type ErrorCode, OrchError } from '../proto/errors.ts';

export interface LockOptions {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
  /** Called when another process holds the lock. */
  readonly waiting?: () => void;
  /** Of the error when it is held to the end. */
  readonly code: ErrorCode;
}

/**
 * Runs `work` while holding the lock file at `path` (made when absent, never removed). flock(1) holds it for as long
 * as our end of its input is open, so the kernel frees it however this process ends.
 * @throws OrchError when it is still held after `timeoutMs`.
 */
export async function withLock<T>(path: string, options: LockOptions, work: () => Promise<T>): Promise<T> {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const holder = spawn('flock', ['--exclusive', '--timeout', String(options.timeoutMs / 1000), path, 'cat'], {
    detached: true,
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  holder.stdin.on('error', () => undefined);
  const gone = new Promise<void>((resolve) => holder.once('close', () => resolve()).once('error', () => resolve()));
  const notice = setTimeout(() => options.waiting?.(), 500);
  const cancel = () => holder.kill();
  options.signal?.addEventListener('abort', cancel, { once: true });
  try {
    const held = await new Promise<boolean>((resolve) => {
      holder.stdout.once('data', () => resolve(true));
      void gone.then(() => resolve(false));
      holder.stdin.write('.');
    });
    clearTimeout(notice);
    options.signal?.throwIfAborted();
    if (!held) {
      throw new OrchError({
        code: options.code,
        summary: `Another orch holds ${path}.`,
        hint: 'Let it end first.',
      });
    }
    return await work();
  } finally {
    clearTimeout(notice);
    options.signal?.removeEventListener('abort', cancel);
    holder.stdin.end();
    // So that whoever ends after this leaves no process behind.
    await gone;
  }
}
