import type { Argv } from 'yargs';
import type { ErrorCode } from '../../proto/errors.ts';
import type { CommandLine } from './command-line.ts';
import type { Args } from './read-options.ts';

/** One subcommand: one file in this folder exports these two. */
export interface CommandFile {
  /** Adds options and positionals to yargs. */
  readonly options: (yargs: Argv) => Argv;
  /** Puts the words of the command line in order before they are read. */
  readonly arrange?: (words: readonly string[], line: CommandLine) => readonly string[];
  /** The words behind `--` are a program's, under the name `--`, and not what the command itself is given. */
  readonly hasProgram?: boolean;
  /** The exit code of wrong input, where it is Ansible's own; `usage`: of words that mean nothing. */
  readonly exitOf?: (code: ErrorCode | 'usage') => number;
  /** Returns the exit code; throws OrchError(s) for what a person must read. */
  readonly execute: (args: Args) => Promise<number>;
}
