import type { FilePlace } from '../../proto/errors.ts';

/** A place of a playbook that a rule objects to. */
export interface LintFinding {
  /** The rule, with the part of it where it has several: `no-changed-when`, `name[missing]`. */
  readonly rule: string;
  readonly at: FilePlace;
  readonly message: string;
}

/** The answer of `orch lint`. */
export interface LintReport {
  readonly version: 1;
  /** All that the playbooks named and that was read. */
  readonly files: readonly string[];
  /** Names of the rules that were asked. */
  readonly rules: readonly string[];
  readonly findings: readonly LintFinding[];
}
