import { spawn } from 'node:child_process';
import { OrchError } from '../../proto/errors.ts';

const keptOutput = 16_384;
/** From SIGTERM to SIGKILL: apt lets dpkg end what it is at. */
const defaultGraceMs = 10_000;

export interface ToolOptions {
  readonly input?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly timeoutMs?: number;
  readonly graceMs?: number;
  /** Aborted: the tool and what it started are ended, and the call fails with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Runs a tool to its end and gives its output. It gets a process group of its own: a Ctrl-C at the terminal reaches
 * orch alone, which then ends the group.
 * @throws OrchError command-failed with the end of the output, when it fails or takes longer than `timeoutMs` (30 s).
 */
export function runTool(command: string, args: readonly string[], options: ToolOptions = {}): Promise<string> {
  const { timeoutMs = 30_000, graceMs = defaultGraceMs, signal } = options;
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const child = spawn(command, args, { detached: true, stdio: 'pipe', env: options.env ?? process.env });
    let output = '';
    const keep = (chunk: Buffer) => {
      output = (output + chunk.toString('utf8')).slice(-keptOutput);
    };
    const fail = (why: string) =>
      reject(
        new OrchError({
          code: 'command-failed',
          summary: `${command} ${why}.`,
          detail: output.trimEnd().split('\n').slice(-8).join('\n') || undefined,
        }),
      );
    let kill: NodeJS.Timeout | undefined;
    const send = (name: NodeJS.Signals) => {
      if (child.pid === undefined) return;
      try {
        process.kill(-child.pid, name);
      } catch {
        // It ended just now.
      }
    };
    const end = () => {
      send('SIGTERM');
      kill ??= setTimeout(() => send('SIGKILL'), graceMs);
    };
    const timer = setTimeout(end, timeoutMs);
    signal?.addEventListener('abort', end, { once: true });
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.on('error', (error) => fail(`could not be started: ${error.message}`));
    child.on('close', (code, killedBy) => {
      clearTimeout(timer);
      clearTimeout(kill);
      signal?.removeEventListener('abort', end);
      if (signal?.aborted) reject(signal.reason);
      else if (code === 0) resolve(output);
      else if (killedBy) fail(`was ended by ${killedBy} (it may take ${timeoutMs / 1000} s at most)`);
      else fail(`ended with exit code ${code}`);
    });
    // A tool that does not read its input closes it; its exit code tells more than the broken pipe.
    child.stdin.on('error', () => undefined);
    child.stdin.end(options.input ?? '');
  });
}
