import { OrchError } from '../../../proto/errors.ts';
import type { Task } from '../../playbook/types.ts';
import type { Located } from '../../source/located.ts';
import { withFactsOf } from './brought-facts.ts';
import { labelAsks } from './items.ts';
import type { Outcome } from './outcome.ts';
import type { TaskScope } from './task-scope.ts';

type Conditions = readonly Located<string | boolean>[] | undefined;

const isLiteral = (conditions: Conditions, values: readonly boolean[]) =>
  conditions === undefined || conditions.every(({ value }) => typeof value === 'boolean' && values.includes(value));

/** True when a task is tried until it is well: by `until`, or, with `retries` alone, until it does not fail. */
export function isRetried(task: Task): boolean {
  return task.until !== undefined || task.retries !== undefined;
}

/** True when only the workstation can tell how the task ended, so that nothing may be sent behind it. */
export function needsJudgement(task: Task): boolean {
  if (isRetried(task) || labelAsks(task)) return true;
  return !isLiteral(task.failedWhen, [false]) || !isLiteral(task.changedWhen, [true, false]);
}

/** True when the agent must go on after a failure of this task, because the workstation judges it or does not mind. */
export function keepsGoing(task: Task, ignoreErrors: boolean): boolean {
  return ignoreErrors || isRetried(task) || task.failedWhen !== undefined;
}

/**
 * The scope in which a result is judged: the facts in it are there, but for those that set_fact sets of another host, and the name
 * that registers it holds it.
 */
export function judgementScope(task: Task, scope: TaskScope, outcome: Outcome): TaskScope {
  const isOthers = task.module === 'set_fact' && task.delegateFacts !== undefined;
  return withRegistered(task, isOthers ? scope : withFactsOf(task, scope, outcome.result), outcome);
}

/** A scope in which the name that registers a result holds it. */
export function withRegistered({ register }: Task, scope: TaskScope, { result }: Outcome): TaskScope {
  return register === undefined ? scope : scope.with({ [register]: result });
}

/** Whether conditions hold that judge a result; where they can't be asked, the result says so under `key`. */
function judged(conditions: Conditions, key: string, scope: TaskScope): boolean {
  try {
    return allHold(conditions, scope);
  } catch (error) {
    if (!(error instanceof OrchError)) throw error;
    const result = { ...error.result, [key]: `Error while evaluating conditional: ${error.summary}` };
    throw new OrchError({ ...error, summary: error.summary, result });
  }
}

/** All conditions of a list must hold. */
export function allHold(conditions: Conditions, scope: TaskScope): boolean {
  return (conditions ?? []).every((condition) => scope.holds(condition));
}

/** Applies changed_when and failed_when to what an item came to. Throws OrchError when they can't be evaluated. */
export function judge(task: Task, scope: TaskScope, outcome: Outcome): Outcome {
  if (outcome.beforehand) return outcome;
  if (outcome.status !== 'ok' && outcome.status !== 'changed' && outcome.status !== 'failed') return outcome;
  let done = outcome;
  if (task.changedWhen) {
    const changed = judged(task.changedWhen, 'changed_when_result', judgementScope(task, scope, done));
    const status = done.status === 'failed' ? 'failed' : changed ? 'changed' : 'ok';
    done = { ...done, status, result: { ...done.result, changed } };
  }
  if (task.failedWhen) {
    const failed = judged(task.failedWhen, 'failed_when_result', judgementScope(task, scope, done));
    const status = failed ? 'failed' : done.result.changed === true ? 'changed' : 'ok';
    done = {
      ...done,
      status,
      result: { ...done.result, failed, failed_when_result: failed },
      ...(failed ? {} : { failure: undefined }),
    };
  }
  return done;
}
