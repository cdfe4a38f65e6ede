import type { Task } from '../../playbook/types.ts';
import type { Change, Failure, TaskStatus } from '../../report/types.ts';
import { isDataMapping } from '../../template/python/atom.ts';
import type { Position } from '../position.ts';

/** Indexes of the handlers that a notification means when it is asked: those of roles that came behind it count, up to `reached`. */
export type Notice = (reached?: Position) => readonly number[];

/** What `register` holds. */
export type TaskResult = Readonly<Record<string, unknown>>;

/** The results of a loop's items, or a result itself: what a module tells as `results` may be anything. */
export function resultsIn({ loop }: Pick<Task, 'loop'>, result: TaskResult): readonly TaskResult[] {
  return loop !== undefined && Array.isArray(result.results) ? result.results.filter(isDataMapping) : [result];
}

/** What a task, or one item of its loop, came to on one host. */
export interface Outcome {
  /** `dropped`: the agent never ran it, because a task before it failed or the run was cut short. */
  readonly status: 'ok' | 'changed' | 'failed' | 'skipped' | 'unreachable' | 'dropped';
  readonly result: TaskResult;
  readonly message?: string | undefined;
  readonly diff?: readonly Change[] | undefined;
  readonly warnings?: readonly string[] | undefined;
  /** Set when it failed or the host was lost. */
  readonly failure?: Failure | undefined;
  /** The host that did it, where that is another one. */
  readonly delegate?: string | undefined;
  /** Where that one is, where its name does not say it. */
  readonly delegateAddress?: string | undefined;
  /** Arguments as they were carried out; only kept for -vv. */
  readonly args?: unknown;
  readonly durationMs: number;
  /** Of an item: what people see of it; undefined where that can't be said. */
  readonly label?: string;
  /** Whether its failure counts, where each item of the loop says so for itself; of the loop: all that failed don't. */
  readonly ignored?: boolean;
  /** Set when it failed before it was done: no condition of the task's judges that, and it is not tried again. */
  readonly beforehand?: boolean;
  /** What its items notify, where each names its own. */
  readonly notices?: readonly Notice[];
}

/** What a task's surroundings make of its failure. */
export interface Surroundings {
  readonly ignoreErrors: boolean;
  readonly ignoreUnreachable: boolean;
}

/** True when it went wrong, and that does not count. */
export function isIgnored({ status, ignored }: Outcome, { ignoreErrors, ignoreUnreachable }: Surroundings): boolean {
  return (status === 'failed' && (ignored ?? ignoreErrors)) || (status === 'unreachable' && ignoreUnreachable);
}

/** A task as a failed, ignored or rescued one is told apart once its surroundings are known. */
export function recordedStatus(outcome: Outcome, surroundings: Surroundings, rescued: boolean): TaskStatus | undefined {
  if (outcome.status === 'dropped') return undefined;
  if (isIgnored(outcome, surroundings)) return 'ignored';
  return outcome.status === 'failed' && rescued ? 'rescued' : outcome.status;
}

const nothingToDo = 'No items in the list';

/** What a loop came to: its items' results under `results`, in the list's order, as Ansible's. */
export function loopOutcome(items: readonly Outcome[]): Outcome {
  if (items.length === 0) {
    const result = { changed: false, skipped: true, skipped_reason: nothingToDo, results: [] };
    return { status: 'skipped', result, message: nothingToDo, durationMs: 0 };
  }
  const worst = (status: Outcome['status']) => items.find((item) => item.status === status);
  const dropped = worst('dropped');
  const lost = worst('unreachable');
  const failed = worst('failed');
  const skipped = items.every((item) => item.status === 'skipped');
  const changed = items.some((item) => item.result.changed === true);
  const delegated = items.find(({ delegate }) => delegate !== undefined);
  const well = skipped ? 'skipped' : changed ? 'changed' : 'ok';
  // The task's own host is gone, whatever became of the items before; of a delegate nothing follows for it.
  const ownLost = items.find(({ status, delegate }) => status === 'unreachable' && delegate === undefined);
  // As in Ansible: once `failed_when` has judged one, only those that it judged count.
  const isJudged = ({ result }: Outcome) => result.failed_when_result !== undefined;
  const counted = items.some(isJudged) ? items.find((item) => item.status === 'failed' && isJudged(item)) : failed;
  const cause = ownLost ?? counted ?? lost;
  const status = (dropped ?? cause)?.status ?? well;
  const hasFailed = items.some(({ status, result }) => status === 'failed' || result.failed === true);
  const message = hasFailed ? 'One or more items failed' : skipped ? 'All items skipped' : 'All items completed';
  return {
    status,
    result: {
      changed,
      ...(hasFailed ? { failed: true } : {}),
      ...(lost ? { unreachable: true } : {}),
      skipped,
      msg: message,
      results: items.map((item) => item.result),
    },
    message: cause?.message ?? (status === 'skipped' ? message : undefined),
    diff: items.some(({ diff }) => diff) ? items.flatMap(({ diff = [] }) => diff) : undefined,
    warnings: items.flatMap((item) => item.warnings ?? []),
    failure: cause?.failure,
    delegate: delegated?.delegate,
    delegateAddress: delegated?.delegateAddress,
    args: items.some(({ args }) => args !== undefined) ? items.map(({ args }) => args ?? null) : undefined,
    durationMs: items.reduce((sum, item) => sum + item.durationMs, 0),
  };
}

/** The task was not run because a condition does not hold. */
export function skippedOutcome(reason: string, condition?: string | boolean): Outcome {
  return {
    status: 'skipped',
    result: {
      changed: false,
      skipped: true,
      skip_reason: reason,
      ...(condition === undefined ? {} : { false_condition: condition }),
    },
    message: reason,
    durationMs: 0,
  };
}

/** What a result says of a failure. What no password opens is told with its place: it is no text of the task. */
function messageOf({ code, summary, at, hint }: Failure): string {
  if (code === 'template-syntax') return `Syntax error in template: ${summary}`;
  if (code !== 'vault') return summary;
  const place = at ? ` (${at.file}:${at.line}:${at.column})` : '';
  return `${summary}${place}; ${hint ?? ''}`;
}

/** The task failed on the workstation, or could not be made sense of there. */
export function failedOutcome(failure: Failure): Outcome {
  const said = messageOf(failure);
  return {
    status: 'failed',
    result: { changed: false, failed: true, msg: said },
    message: failure.summary,
    failure,
    durationMs: 0,
  };
}
