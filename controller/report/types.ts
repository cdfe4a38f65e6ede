import type { FilePlace } from '../../proto/errors.ts';
import type { RunWhy } from './why/why-types.ts';

export type TaskStatus = 'ok' | 'changed' | 'failed' | 'skipped' | 'unreachable' | 'rescued' | 'ignored';

/** What a run tells while it happens; also the lines of events.ndjson (with `time`, ISO 8601, added). */
export type RunEvent =
  | {
      readonly type: 'run-start';
      readonly run: string;
      readonly lab: string;
      readonly playbook: string;
      readonly inventory: string;
      readonly hosts: readonly string[];
      readonly check: boolean;
      /** How many plays the playbook has. */
      readonly plays?: number;
    }
  | {
      readonly type: 'host-connected';
      readonly host: string;
      readonly transport: 'tls' | 'tunnel';
      readonly warm: boolean;
      readonly durationMs: number;
    }
  | {
      readonly type: 'play-start';
      readonly play: string;
      readonly at?: FilePlace;
      readonly hosts: readonly string[];
      /** Set where it has no hosts: how many it had, that are out of the run. */
      readonly lost?: number;
      /** It only says what would change. */
      readonly check?: true;
    }
  | {
      readonly type: 'task-start';
      readonly host: string;
      readonly play: string;
      readonly task: string;
      readonly module: string;
    }
  | {
      readonly type: 'task-output';
      readonly host: string;
      readonly task: string;
      readonly stderr: boolean;
      readonly text: string;
    }
  /** What an action has to say while it is at work (pause). */
  | ({ readonly type: 'task-says'; readonly text: string } & TaskName)
  /** A person types at the terminal, from now on or no more. */
  | { readonly type: 'typing'; readonly begins: boolean }
  /**
   * A task whose `until` does not hold yet is tried again. `shown`: as in Ansible its name without that of its role, if it has one;
   * `result`: what the try came to.
   */
  | ({
      readonly type: 'task-retry';
      readonly shown: string;
      readonly retriesLeft: number;
      readonly module?: string;
      readonly result?: unknown;
    } & TaskName)
  /** An order of the playbook to the run (meta), which counts as no task. */
  | ({
      readonly type: 'meta-done';
      readonly order: string;
      readonly role?: string;
      readonly skipped: boolean;
    } & TaskName)
  /** Failures of these hosts until now are no failures of the run any more. */
  | { readonly type: 'errors-cleared'; readonly hosts: readonly string[] }
  /** More hosts have failed than the play allows. */
  | { readonly type: 'no-hosts-left' }
  | {
      readonly type: 'item-done';
      readonly host: string;
      readonly task: string;
      readonly label: string;
      readonly module?: string;
      readonly delegate?: string;
      readonly delegateAddress?: string;
      readonly status: TaskStatus;
      readonly message?: string;
      /** Without -v only of those whose line shows it. */
      readonly result?: unknown;
      readonly diff?: TaskRecord['diff'];
    }
  | ({ readonly type: 'task-done' } & TaskRecord)
  | { readonly type: 'warning'; readonly host?: string; readonly task?: string; readonly message: string }
  | { readonly type: 'host-failed'; readonly host: string; readonly failure: Failure }
  /** It is out of the run for what happened to another host. */
  | { readonly type: 'host-ended'; readonly host: string }
  | { readonly type: 'stats'; readonly stats: CustomStats }
  | { readonly type: 'reach-done'; readonly cells: readonly ReachCell[] }
  | { readonly type: 'why-done'; readonly why: RunWhy }
  | ({ readonly type: 'run-settled' } & RunSettled)
  | { readonly type: 'run-end'; readonly report: RunReport };

/** What set_stats has a run tell. */
export interface CustomStats {
  /** undefined: of the run as a whole. */
  readonly host: string | undefined;
  readonly data: Readonly<Record<string, unknown>>;
  /** Added to what is there, in place of taking its place. */
  readonly aggregate: boolean;
}

/** How a run that had to be confirmed ended. */
export interface RunSettled {
  readonly kept: boolean;
  /** Why it was not kept. */
  readonly reason: string;
  readonly hosts: readonly {
    readonly host: string;
    readonly state: 'kept' | 'taken-back' | 'unknown';
    readonly message: string;
  }[];
}

/** A part of what --diff shows: two texts or states, each with what heads it, and a text that is shown as it is. */
export interface Change {
  readonly before: string;
  readonly after: string;
  readonly path?: string;
  readonly afterPath?: string;
  readonly prepared?: string;
}

/** All that --diff shows of a task: its first part, and those behind it. */
export interface Changes extends Change {
  readonly more?: readonly Change[];
}

/** A task on one host, as the lines about it name it. */
export interface TaskName {
  readonly host: string;
  readonly play: string;
  readonly task: string;
  /** Its name as a template, where hosts that render it each in their way still do one task. */
  readonly written?: string;
  readonly at: FilePlace;
  /** It was notified: the flush of the play that runs it. */
  readonly flush?: string;
  /** Its arguments as they are written, where they are to be told. */
  readonly given?: string;
  /** It only says what would change. */
  readonly check?: true;
}

export interface TaskRecord extends TaskName {
  readonly module: string;
  /** The host that did it, where that is another one. */
  readonly delegate?: string;
  /** Where that one is, where its name does not say it. */
  readonly delegateAddress?: string;
  readonly status: TaskStatus;
  /** Of an include in a loop: the files it brought. Each counts as a task that is ok. */
  readonly included?: number;
  readonly durationMs: number;
  readonly diff?: Changes;
  readonly message?: string;
  readonly warnings?: readonly string[];
  /** What its module says of things that will go. */
  readonly deprecations?: readonly string[];
  /** `register`'s value, censored under no_log; only kept for -v and JSON. */
  readonly result?: unknown;
  /** Arguments as they were sent, censored under no_log; only kept for -vvv. */
  readonly args?: unknown;
}

export interface Failure {
  readonly code: string;
  readonly summary: string;
  readonly detail?: string;
  readonly hint?: string;
  readonly task?: string;
  readonly at?: FilePlace;
}

export interface HostSummary {
  readonly ok: number;
  readonly changed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly unreachable: number;
  readonly rescued: number;
  readonly ignored: number;
}

export interface Rtt {
  readonly min: number;
  readonly avg: number;
  readonly max: number;
}

export interface ReachCell {
  /** Endpoint: "vm02" or "vm02/ns01". */
  readonly from: string;
  /** As written: an endpoint's name, an alias or an address. */
  readonly to: string;
  readonly address: string;
  readonly expected: 'reached' | 'unreachable' | null;
  readonly observed: 'reached' | 'unreachable' | 'error';
  readonly rttMs: Rtt | null;
  /** Address the probe left from. */
  readonly source?: string;
  /** The playbook chose that address, not the kernel. */
  readonly bound?: true;
  /** Bytes of data, where the playbook says it. */
  readonly size?: number;
  /** For `error`, and for what fping or the kernel said. */
  readonly message?: string;
  /** Why it is not as expected: index in the report's `why.verdicts`. */
  readonly verdict?: number;
}

export type ExitCode = 0 | 2 | 3 | 4 | 130;

/** report.json; within one version it is only ever extended. */
export interface Report {
  readonly version: 1;
  readonly lab: string;
  readonly run: string;
  readonly playbook: string;
  readonly inventory: string;
  readonly check: boolean;
  readonly startedAt: string;
  readonly durationMs: number;
  readonly exit: ExitCode;
  readonly hosts: Readonly<Record<string, HostSummary>>;
  readonly failures: Readonly<Record<string, Failure>>;
  readonly tasks: readonly TaskRecord[];
  readonly reach: readonly ReachCell[];
  /** Of set_stats: for hosts by name, and for the run as a whole. */
  readonly stats?: {
    readonly hosts: Readonly<Record<string, unknown>>;
    readonly run: Readonly<Record<string, unknown>>;
  };
  /** Of a run with cells that are not as expected. */
  readonly why?: RunWhy;
  /** Of a run that had to be confirmed. */
  readonly settled?: RunSettled;
}

/** The report of a run that goes on or has just ended: each record of a task is JSON in one line. */
export type RunReport = Omit<Report, 'tasks'> & { readonly tasks: Iterable<string> };
