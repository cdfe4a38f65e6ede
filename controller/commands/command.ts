import type { Argv } from 'yargs';

/** One subcommand: one file in this folder exports these two. */
export interface CommandFile {
  /** Adds options and positionals to yargs. */
  readonly options: (yargs: Argv) => Argv;
  /** Puts the words of the command line in order before yargs reads them. */
  readonly arrange?: (words: readonly string[]) => readonly string[];
  /** Returns the exit code; throws OrchError(s) for what a person must read. */
  readonly execute: (args: Readonly<Record<string, unknown>>) => Promise<number>;
}
