import type { Argv } from 'yargs';

/** One subcommand: one file in this folder exports these two. */
export interface CommandFile {
  /** Adds options and positionals to yargs. */
  readonly options: (yargs: Argv) => Argv;
  /** Returns the exit code; throws OrchError(s) for what a person must read. */
  readonly execute: (args: Readonly<Record<string, unknown>>) => Promise<number>;
}
