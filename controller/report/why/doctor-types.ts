import type { Mend } from './why-types.ts';

/** A trap that was found on a host, before anything fell into it. */
export interface DoctorFinding {
  /** Name of the check's file: lo-down. */
  readonly check: string;
  readonly host: string;
  /** Empty: the host's own. */
  readonly netns: string;
  readonly device?: string | undefined;
  /** What is so, with the values that were read. */
  readonly sentence: string;
  /** What it will break. */
  readonly breaks: string;
  readonly mend?: Mend | undefined;
  /** What to do, where no task does it. */
  readonly advice?: string | undefined;
}

/** The answer of `orch doctor`. */
export interface DoctorReport {
  readonly version: 1;
  /** Hosts that were looked at, and how many namespaces each has beside its own. */
  readonly hosts: readonly { readonly host: string; readonly namespaces: number }[];
  /** Names of the checks that were made. */
  readonly checks: readonly string[];
  readonly findings: readonly DoctorFinding[];
  /** What could not be read, and why. */
  readonly unread: readonly string[];
}
