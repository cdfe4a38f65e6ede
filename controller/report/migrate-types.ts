import type { FilePlace } from '../../proto/errors.ts';

/** A task that runs a network command. */
export interface MigratedTask {
  readonly at: FilePlace;
  readonly command: string;
  /** The tasks that say the same, as YAML, one of them a line; empty: it stays. */
  readonly becomes: readonly string[];
  /** Why it stays, or why its file is not written by itself. */
  readonly reason: string | undefined;
  readonly written: boolean;
}

/** The answer of `orch migrate`. */
export interface MigrateReport {
  readonly version: 1;
  readonly files: readonly string[];
  /** All tasks that were read. */
  readonly tasks: number;
  readonly commands: readonly MigratedTask[];
}
