import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { OrchError } from '../../proto/errors.ts';
import type { Release } from './plan.ts';
import type { Progress } from './progress.ts';
import { files, type ProcessId, type TestbedHost, type TestbedState } from './state.ts';

/** What one call of `up` hands down. */
export interface DriverContext {
  readonly state: TestbedState;
  /** Aborted on Ctrl-C. */
  readonly signal: AbortSignal;
}

/** One way to make hosts. `up` keeps the record of what was started, and ends it. */
export interface Driver {
  /** Makes what does not depend on one testbed, such as an image. */
  prepare(release: Release, progress: Progress, signal: AbortSignal): Promise<void>;
  /** Starts the process that is the segment and its gateway; `started` is called at once, before it is ready. */
  startGateway(context: DriverContext, started: (process: ProcessId) => void): Promise<void>;
  startHost(context: DriverContext, host: TestbedHost): ProcessId;
  /** Cuts a host's power and gives it back; its disk has what was written to it. Undefined: hosts have none of their own. */
  readonly powerCycle?: (host: TestbedHost) => Promise<void>;
  /** How long a host may take from its start until sshd answers. */
  readonly bootDeadlineMs: number;
}

/** A program of its own that is bundled beside this one (scripts/build.ts). */
export function bundled(name: string): string {
  const program = join(import.meta.dirname, name);
  if (existsSync(program)) return program;
  throw new OrchError({ code: 'testbed-failed', summary: `${program} is missing.`, hint: 'npm run build' });
}

/** Opens a process's log for appending; the file is the user's alone. */
export function withLog<T>(name: string, use: (fd: number) => T): T {
  const fd = openSync(files.log(name), 'a', 0o600);
  try {
    return use(fd);
  } finally {
    closeSync(fd);
  }
}

/** An error of a process of the testbed, with the end of its log. */
export function processFailed(name: string, what: string): OrchError {
  let log = '';
  try {
    // What led to a kernel's panic stands before its trace.
    const [told = ''] = readFileSync(files.log(name), 'utf8').split(/^.*Call Trace:/m);
    log = told.trimEnd().split('\n').slice(-12).join('\n');
  } catch {
    // No log: it died before it wrote one.
  }
  return new OrchError({
    code: 'testbed-failed',
    summary: `${name} of the testbed ${what}.`,
    detail: log || undefined,
    hint: '`orch testbed reset` makes a new one.',
  });
}
