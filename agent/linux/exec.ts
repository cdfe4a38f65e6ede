import { type ChildProcess, spawn } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, isAbsolute, join, resolve } from 'node:path';
import { OrchError } from '../../proto/errors.ts';
import type { ExecOptions, ExecResult } from './host.ts';
import { KeptOutput } from './kept-output.ts';
import { signalGroup, watchGroup } from './process-group.ts';

/** What is really started. */
export interface Program {
  readonly argv: readonly string[];
  /** What changes namespace and user before it becomes `argv`. */
  readonly prefix?: readonly string[] | undefined;
  readonly cwd?: string | undefined;
  readonly env?: NodeJS.ProcessEnv | undefined;
  readonly stdin?: string | undefined;
}

const defaultDeadlineMs = 60_000;
const defaultLimit = 16 * 1024 * 1024;
/** From SIGTERM to SIGKILL. */
const graceMs = 2000;
/** How long output is read on after the program ended, when something it left behind keeps the pipes open. */
const drainMs = 250;
const signalNumbers: Readonly<Record<string, number>> = { SIGHUP: 1, SIGINT: 2, SIGQUIT: 3, SIGABRT: 6, SIGKILL: 9 };

/**
 * Runs a program to its end, in a process group of its own so that all of it can be ended. Deadline: `timeoutMs`, or a
 * minute when there is neither that nor a signal. Throws OrchError 'command-failed' when it cannot be started.
 */
export function execute(program: Program, options: ExecOptions = {}): Promise<ExecResult> {
  const cwd = program.cwd ?? '/';
  const env = program.env ?? process.env;
  const [name = ''] = program.argv;
  if (!isFolder(cwd)) return Promise.reject(cannotStart(name, `there is no folder ${cwd}`));
  const path = findProgram(name, cwd, env.PATH);
  if (path === undefined) return Promise.reject(cannotStart(name, 'no such program'));
  const [first = '', ...args] = [...(program.prefix ?? []), ...program.argv];
  const command = first === name ? path : findProgram(first, cwd, process.env.PATH);
  if (command === undefined) return Promise.reject(cannotStart(first, 'no such program'));

  return new Promise((resolvePromise, reject) => {
    const child = spawn(command, args, { cwd, env, detached: true, stdio: 'pipe', argv0: first });
    const stdout = new KeptOutput(options.limit ?? defaultLimit);
    const stderr = new KeptOutput(options.limit ?? defaultLimit);
    child.stdout.on('data', (chunk: Buffer) => {
      stdout.add(chunk);
      options.output?.(chunk, false);
    });
    child.stderr.on('data', (chunk: Buffer) => {
      stderr.add(chunk);
      options.output?.(chunk, true);
    });
    child.stdin.on('error', () => undefined);
    child.stdin.end(program.stdin ?? '');

    const ender = endOn(child, options);
    child.on('error', (cause) => {
      ender.stop();
      reject(cannotStart(name, cause.message));
    });
    child.on('exit', () => {
      setTimeout(() => {
        child.stdout.destroy();
        child.stderr.destroy();
      }, drainMs).unref();
    });
    child.on('close', (code, signal) => {
      ender.stop();
      const ended = signal === null ? code : 128 + (signalNumbers[signal] ?? 15);
      const status = ender.why() === undefined ? ended : null;
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

/** Absolute path of a program, looked up as execvp(3) does. */
function findProgram(name: string, cwd: string, path: string | undefined): string | undefined {
  if (name.includes('/')) return runnable(resolve(cwd, name));
  for (const folder of (path ?? '/usr/bin:/bin').split(delimiter)) {
    const found = isAbsolute(folder) && name !== '' ? runnable(join(folder, name)) : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}

function runnable(path: string): string | undefined {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile() ? path : undefined;
  } catch {
    return undefined;
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

/** Programs that the agent and its modules need, and the packages that bring them. */
const packages: Readonly<Record<string, string>> = {
  ip: 'iproute2',
  tc: 'iproute2',
  nft: 'nftables',
  ethtool: 'ethtool',
  setpriv: 'util-linux',
  unshare: 'util-linux',
  getent: 'libc-bin',
};

function cannotStart(name: string, reason: string): OrchError {
  const from = packages[name];
  if (from !== undefined) {
    return new OrchError({
      code: 'unsupported-by-host',
      summary: `The host has no ${name} command.`,
      hint: `Install ${from} on it (apt-get install ${from}, or its like).`,
    });
  }
  return new OrchError({ code: 'command-failed', summary: `${JSON.stringify(name)} could not be started: ${reason}.` });
}
