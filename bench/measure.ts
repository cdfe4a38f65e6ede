import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';

export interface Timing {
  readonly samplesMs: readonly number[];
  readonly medianMs: number;
  readonly minMs: number;
  readonly maxMs: number;
}

export function timing(samplesMs: readonly number[]): Timing {
  const sorted = [...samplesMs].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const medianMs =
    sorted.length % 2 === 1 ? (sorted[middle] ?? Number.NaN) : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
  return { samplesMs, medianMs, minMs: sorted[0] ?? Number.NaN, maxMs: sorted.at(-1) ?? Number.NaN };
}

export interface Finished {
  readonly ms: number;
  readonly stdout: string;
}

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly stdin?: string;
  readonly timeoutMs?: number;
  /** Exit code that it is to end with; 0 when it is not given. */
  readonly exit?: number;
  /** Not interrupted. */
  readonly cleansUp?: boolean;
}

/** CA certificates that a machine gives to programs cost each process some 40 ms; no contender here has use for them. */
const ownCertificates = { NODE_EXTRA_CA_CERTS: undefined, SSL_CERT_FILE: undefined, SSL_CERT_DIR: undefined };

const interrupt = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => interrupt.abort());

/** Aborts when the bench is told to end. */
export const interrupted = interrupt.signal;

function start(argv: readonly string[], { cwd, env, timeoutMs = 120_000 }: RunOptions): ChildProcessWithoutNullStreams {
  const [program = '', ...args] = argv;
  return spawn(program, args, {
    cwd,
    env: { ...process.env, ...ownCertificates, ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
    timeout: timeoutMs,
    // Of its own process group: the terminal's Ctrl-C reaches the bench alone.
    detached: true,
  });
}

/**
 * Runs a program to its end and times it as a whole process. Throws with its output when it does not end as it is to. When the
 * bench is interrupted, so is the program, and its end is awaited; what cleans up is not.
 */
export function run(argv: readonly string[], options: RunOptions = {}): Promise<Finished> {
  if (interrupted.aborted && !options.cleansUp) return Promise.reject(new Error('interrupted'));
  const began = performance.now();
  const child = start(argv, options);
  const end = () => child.kill('SIGINT');
  if (!options.cleansUp) interrupted.addEventListener('abort', end);
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk) => {
    stdout += chunk;
  });
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  child.stdin.on('error', () => {});
  child.stdin.end(options.stdin ?? '');
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      const ms = performance.now() - began;
      interrupted.removeEventListener('abort', end);
      if (code === (options.exit ?? 0)) resolve({ ms, stdout });
      else reject(new Error(`${argv.join(' ')}: ended with ${code ?? signal}: ${lastLines(stderr || stdout)}`));
    });
  });
}

/**
 * Times the runs of one process that stays: each from a line that is written to it until it says `ready` anew. What comes before it
 * says so first is not timed. Throws with its output when it ends before.
 */
export async function timeAgain(
  argv: readonly string[],
  { ready, times }: { readonly ready: string; readonly times: number },
  options: Pick<RunOptions, 'env' | 'cwd'>,
): Promise<number[]> {
  const child = start(argv, options);
  let output = '';
  let isReady = (): void => {};
  const hear = (chunk: Buffer): void => {
    output += chunk;
    if (!output.includes(ready)) return;
    output = '';
    isReady();
  };
  child.stdout.on('data', hear);
  child.stderr.on('data', hear);
  child.stdin.on('error', () => {});
  const ended = new Promise<never>((_, reject) => {
    child.once('error', reject);
    child.once('close', () => reject(new Error(`${argv.join(' ')}: ended: ${lastLines(output)}`)));
  });
  const nextReady = (): Promise<void> =>
    Promise.race([
      ended,
      new Promise<void>((resolve) => {
        isReady = resolve;
      }),
    ]);
  const samples: number[] = [];
  try {
    await nextReady();
    while (samples.length < times && !interrupted.aborted) {
      const began = performance.now();
      child.stdin.write('\n');
      await nextReady();
      samples.push(performance.now() - began);
    }
    return samples;
  } finally {
    ended.catch(() => {});
    child.kill('SIGTERM');
  }
}

function lastLines(output: string): string {
  return output.trimEnd().split('\n').slice(-5).join('\n');
}
