/** Names of daemons: they name files of the agent's. */
export const daemonNames = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}$/;

/** A process that is kept running, as the task describes it. */
export interface DaemonSpec {
  readonly name: string;
  readonly netns?: string | undefined;
  readonly argv: readonly string[];
  readonly cwd?: string | undefined;
  readonly environment: Readonly<Record<string, string>>;
  /** Undefined: root. */
  readonly runAs?: string | undefined;
  readonly restart: 'always' | 'on-failure' | 'never';
  /** Seconds before the first restart; each further one waits twice as long, up to `max`. */
  readonly backoff: { readonly initial: number; readonly max: number };
  /** After this many restarts within so many seconds it is left dead. */
  readonly giveUp: { readonly restarts: number; readonly within: number };
  readonly stopSignal: StopSignal;
  /** Seconds from the stop signal to SIGKILL. */
  readonly stopTimeout: number;
  readonly ready: ReadyWhen;
  /** Bytes of the log before it is turned over; the one before is kept. */
  readonly logLimit: number;
}

export const stopSignals = ['TERM', 'INT', 'QUIT', 'HUP', 'USR1', 'USR2', 'KILL'] as const;
export type StopSignal = (typeof stopSignals)[number];

/** When a start counts as done; all that are given must hold. */
export interface ReadyWhen {
  /** A TCP port that it must listen on. */
  readonly port?: number | undefined;
  /** Regular expression that its output must match. */
  readonly log?: string | undefined;
  /** Seconds that it must have been up. */
  readonly seconds: number;
  /** Seconds after which it is given up. */
  readonly timeout: number;
}

/**
 * - starting: runs, and is not ready yet; running
 * - waiting: ended, and will be started again
 * - exited: ended, and its `restart` leaves it so; failed: ended too often, or never became ready
 * - stopped: as the task wants it
 */
export const daemonPhases = ['starting', 'running', 'waiting', 'exited', 'failed', 'stopped'] as const;
export type DaemonPhase = (typeof daemonPhases)[number];

export interface DaemonState {
  readonly spec: DaemonSpec;
  readonly phase: DaemonPhase;
  readonly pid?: number | undefined;
  /** When the process that runs was started; milliseconds of the epoch. */
  readonly startedMs?: number | undefined;
  /** How often it was started again by itself. */
  readonly restarts: number;
  /** How it ended last, in words; empty: it never did. */
  readonly ended: string;
}
