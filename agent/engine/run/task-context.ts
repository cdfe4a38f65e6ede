import type { Diagnostic, Diff, Status } from '../../../proto/gen/orch/v1/agent.ts';
import type { ActingHost } from '../../linux/acting-host.ts';
import type { Journal } from '../books/journal.ts';
import type { LedgerStore } from '../books/ledger-store.ts';
import type { PersistentWishes } from '../books/persistent-wishes.ts';
import type { ImaginedFiles } from '../check/imagined-files.ts';
import type { ImaginedKernel } from '../check/imagined-kernel.ts';
import type { PlannedSteps } from '../check/planned-steps.ts';
import type { Promises } from '../check/promises.ts';
import type { RunSafety } from '../confirm/run-safety.ts';
import type { Arrivals } from './arrivals.ts';
import type { AskedTasks } from './asked-tasks.ts';
import type { Foresight } from './foresight.ts';
import type { JobResults } from './job-results.ts';
import type { Mutex } from './mutex.ts';
import type { TaskHost } from './task-host.ts';

/** What a run needs of the agent, and keeps for all its tasks. */
export interface RunContext {
  readonly lab: string;
  readonly run: string;
  readonly host: ActingHost;
  readonly store: LedgerStore;
  /** Held while something is changed: lanes and labs share one kernel. */
  readonly changing: Mutex;
  readonly promises: Promises;
  /** Files as tasks in check mode would have left them. */
  readonly imagined: ImaginedFiles;
  /** What they would have taken away or written of the kernel's. */
  readonly kernel: ImaginedKernel;
  /** All else that they would have done. */
  readonly planned: PlannedSteps;
  readonly wishes: PersistentWishes;
  /** All that the run's tasks have asked for. */
  readonly asked: AskedTasks;
  /** Contents that are too large to come with the tasks. */
  readonly arrivals: Pick<Arrivals, 'bring'>;
  /** What jobs of all runs came to. */
  readonly jobs: JobResults;
  readonly journal: Journal;
  readonly safety: RunSafety;
}

/** What one item of a task is carried out with. */
export interface ItemContext extends RunContext {
  readonly view: TaskHost;
  /** The user whose rights changes of files are carried out with; undefined: root. */
  readonly filesAs: string | undefined;
  readonly check: boolean;
  /** Somebody wants to see what changes. */
  readonly diff: boolean;
  /** Which item of the task it is. */
  readonly item: number;
  /** Of a task with several items that may change things. */
  readonly foresight?: Foresight | undefined;
  /** The task's place in its playbook: file:line:column. */
  readonly where: string;
  readonly signal: AbortSignal;
  /** The work's own end; rejects some time after the abort, when it has not ended by then. For one work at a time. */
  readonly untilGivenUp: <T>(work: Promise<T>) => Promise<T>;
  /** The task is to be carried out again whenever the host was started anew. */
  readonly persist?: ((objects: readonly string[]) => void) | undefined;
  readonly output: (chunk: Buffer, stderr: boolean) => void;
}

/** What became of one item. */
export interface ItemOutcome {
  readonly status: Status;
  readonly result: Readonly<Record<string, unknown>>;
  readonly diff?: readonly Diff[] | undefined;
  readonly diagnostic?: Diagnostic | undefined;
  readonly warnings: readonly string[];
}
