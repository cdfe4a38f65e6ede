import { type ChildProcess, spawn } from 'node:child_process';
import type { ExecOptions, ExecResult } from '../host.ts';
import { KeptOutput } from './kept-output.ts';
import { exitStatus, signalGroup, watchGroup } from './process-group.ts';
import { cannotStart, type Launch, launchOf, type Program } from './program.ts';
import { whenLate } from './when-late.ts';

const defaultDeadlineMs = 60_000;
const defaultLimit = 16 * 1024 * 1024;
/** From SIGTERM to SIGKILL. */
const graceMs = 2000;
/** How long output is read on after the program ended, when something it left behind keeps the pipes open. */
const drainMs = 250;

/**
 * Runs a program to its end, in a process group of its own so that all of it can be ended. Deadline: `timeoutMs`, or a
 * minute when there is neither that nor a signal. Throws OrchError 'command-failed' when it cannot be started.
 */
export function execute(program: Program, options: ExecOptions = {}): Promise<ExecResult> {
  let launch: Launch;
  try {
    launch = launchOf(program);
  } catch (error) {
    return Promise.reject(error);
  }
  return new Promise((resolvePromise, reject) => {
    const { command, args, cwd, env, argv0 } = launch;
    const child = spawn(command, args, { cwd, env, argv0, detached: true, stdio: 'pipe' });
    const stdout = new KeptOutput(options.limit ?? defaultLimit);
    const stderr = new KeptOutput(options.limit ?? defaultLimit);
    child.stdout.on('data', (chunk: Buffer) => {
      stdout.add(chunk);
      options.output?.(chunk, false);
      options.answer?.(chunk, (text) => child.stdin.write(text));
    });
    child.stderr.on('data', (chunk: Buffer) => {
      stderr.add(chunk);
      options.output?.(chunk, true);
    });
    child.stdin.on('error', () => undefined);
    if (options.answer === undefined) child.stdin.end(program.stdin ?? '');
    else if (program.stdin !== undefined) child.stdin.write(program.stdin);

    const ender = endOn(child, options);
    child.on('error', (cause) => {
      ender.stop();
      reject(cannotStart(program.argv[0] ?? '', cause.message));
    });
    child.on('exit', () => {
      const close = () => {
        child.stdout.destroy();
        child.stderr.destroy();
      };
      whenLate(drainMs, close).unref();
    });
    child.on('close', (code, signal) => {
      ender.stop();
      const status = ender.why() === undefined ? exitStatus(code, signal) : null;
      resolvePromise({ status, stdout: stdout.text(), stderr: stderr.text(), timedOut: ender.why() === 'deadline' });
    });
  });
}

/** Ends the child's process group on abort or deadline: SIGTERM, then SIGKILL. */
function endOn(child: ChildProcess, options: ExecOptions): { stop: () => void; why: () => string | undefined } {
  const ended = watchGroup(child.pid);
  let reason: 'deadline' | 'abort' | undefined;
  let kill: NodeJS.Timeout | undefined;
  const end = (why: 'deadline' | 'abort') => {
    if (reason !== undefined) return;
    reason = why;
    signalGroup(child.pid, 'SIGTERM');
    kill = setTimeout(() => signalGroup(child.pid, 'SIGKILL'), graceMs);
  };
  const deadlineMs = options.timeoutMs ?? (options.signal === undefined ? defaultDeadlineMs : undefined);
  const deadline = deadlineMs === undefined ? undefined : setTimeout(() => end('deadline'), deadlineMs);
  const onAbort = () => end('abort');
  if (options.signal?.aborted) onAbort();
  options.signal?.addEventListener('abort', onAbort);
  return {
    why: () => reason,
    stop: () => {
      ended();
      clearTimeout(deadline);
      clearTimeout(kill);
      // The leader went; what it started may have stayed.
      if (reason !== undefined) signalGroup(child.pid, 'SIGKILL');
      options.signal?.removeEventListener('abort', onAbort);
    },
  };
}
