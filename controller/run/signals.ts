import type { Task } from '../playbook/types.ts';
import type { Failure } from '../report/types.ts';
import type { Outcome } from './task/outcome.ts';

/**
 * Thrown while evaluating: a value is not known before a task in flight has ended, or before other hosts have come as far. No
 * Error: it is thrown for each task that waits, and a stack that nobody reads would cost more than the evaluation.
 */
export class Pending {
  readonly #until: Promise<void> | (() => Promise<void>);

  /** @param until what has to end; a function begins it, for who waits */
  constructor(until: Promise<void> | (() => Promise<void>)) {
    this.#until = until;
  }

  until(): Promise<void> {
    return typeof this.#until === 'function' ? this.#until() : this.#until;
  }
}

/** What is to be told of a task that failed. */
export interface TaskFacts {
  readonly name: string;
  readonly task: Task;
  /** Its failure, or the loss of its host, ends the play for all hosts. */
  readonly fatal: boolean;
}

/** A task failed on this host: goes up to the nearest rescue, or ends the host's walk. */
export class TaskFailed extends Error {
  readonly task: TaskFacts;
  readonly outcome: Outcome;

  constructor(task: TaskFacts, outcome: Outcome) {
    super(outcome.failure?.summary ?? 'the task failed');
    this.name = 'TaskFailed';
    this.task = task;
    this.outcome = outcome;
  }
}

/** Another host's task failed for all: goes up to the nearest rescue like a failure of this host's own, which it is not. */
export class FailedElsewhere extends Error {}

/** A role ends early for a host: goes up to the role's block. */
export class RoleEnds extends Error {}

/** Why a host's walk through a play ends early: nothing catches it but the walk's start. */
export type StopReason = 'unreachable' | 'end-host' | 'end-batch' | 'end-play' | 'aborted' | 'interrupted';

export class Stop extends Error {
  readonly reason: StopReason;
  /** Why the host was lost. */
  readonly failure: Failure | undefined;
  /** The play ends for all hosts. */
  readonly fatal: boolean;

  constructor(reason: StopReason, failure?: Failure, fatal = false) {
    super(reason);
    this.name = 'Stop';
    this.reason = reason;
    this.failure = failure;
    this.fatal = fatal;
  }
}
