import { OrchError } from '../../../proto/errors.ts';
import type { AnyAction } from '../../actions/action.ts';
import type { Task } from '../../playbook/types.ts';
import type { Located } from '../../source/located.ts';
import { isDataMapping } from '../../template/python/atom.ts';
import { runAction } from '../task/action-task.ts';
import { droppedOutcome, lostOutcome, runOnAgent } from '../task/agent-task.ts';
import { withFactsOf } from '../task/brought-facts.ts';
import { keepFacts, tellItem, tellRetry, wholeOutcome } from '../task/finish.ts';
import { type Item, taskItems, withKeys } from '../task/items.ts';
import { jobAsked, runAsJob } from '../task/job-task.ts';
import { allHold, judgementScope, withRegistered } from '../task/judge.ts';
import { failedOutcome, type Outcome } from '../task/outcome.ts';
import { whenKnown } from '../task/pace.ts';
import { numberSaid, saidConnection } from '../task/settings.ts';
import { agentModule, taskParams } from '../task/task-params.ts';
import { judgeOrFail, noticesOfItem, outcomeOf, runOfItem, skipped, type TaskRun } from '../task/task-run.ts';
import type { TaskScope } from '../task/task-scope.ts';
import { type DelegatedItem, delegated, shellScope, toldOf } from './delegation.ts';

/** Ansible's: how often it tries again when `until` stands alone, and seconds between. */
const defaultRetries = 3;
const defaultDelaySeconds = 5;

/**
 * Runs a task item by item, each one evaluated when its turn comes: actions, until, pauses between items, other hosts' agents.
 * All tasks before it have ended; facts it asks for are waited for. Rejects only with Stop.
 */
export async function runInTurn(
  run: TaskRun,
  action: AnyAction | undefined,
  hosts: readonly string[],
): Promise<Outcome> {
  const { task, walk } = run;
  let items: readonly Item[];
  try {
    items = await whenKnown(walk, () => taskItems(run));
  } catch (error) {
    return await whenKnown(walk, () => withoutItems(run, error));
  }
  const outcomes: Outcome[] = [];
  /** Facts of all the items before; as in Ansible each item sees them, but for those that have the names of its own variables. */
  const brought: Record<string, unknown> = {};
  const scopeOf = ({ scope }: Item): TaskScope => withFactsOf(task, scope, { ansible_facts: brought });
  for (const item of items) {
    const before = outcomes.at(-1);
    if (before && before.status !== 'unreachable' && task.loop?.pauseSeconds)
      await walk.play.run.interrupt.sleep(secondsOf(run, task.loop.pauseSeconds) * 1000);
    // What is registered is that of the item before, until the loop is done: as in Ansible.
    const scope = before ? withRegistered(task, scopeOf(item), before) : item.scope;
    const own = await whenKnown(walk, () => delegated(run, { ...item, scope }));
    const outcome = withKeys(await runItem(run, action, own, hosts), own);
    tellItem(run, outcome);
    outcomes.push(outcome);
    const { ansible_facts: facts } = outcome.result;
    if (isDataMapping(facts))
      for (const [name, value] of Object.entries(facts)) if (!Object.hasOwn(item.keys, name)) brought[name] = value;
    if (outcome.status === 'dropped') break;
    if (task.loop?.breakWhen && (await whenKnown(walk, () => breaks(task, scopeOf(item), outcome)))) break;
  }
  // Once one has changed something, all that were done notify: as in Ansible.
  const notices = outcomes.flatMap((outcome) => outcome.notices ?? []);
  return { ...wholeOutcome(run, outcomes), notices, ...(run.byItem ? { ignored: outcomes.every(isHarmless) } : {}) };
}

/** An item that did not fail, or that has its failure ignored. */
const isHarmless = ({ status, ignored }: Outcome): boolean => status !== 'failed' || ignored === true;

function breaks(task: Task, scope: TaskScope, outcome: Outcome): boolean {
  return allHold(task.loop?.breakWhen, withRegistered(task, scope, outcome));
}

/**
 * What a task comes to whose loop can't be evaluated, by `error`: that doesn't matter when its condition, without an item, does not
 * hold. Throws what is no OrchError: the loop may only not be known yet.
 */
export function withoutItems(run: TaskRun, error: unknown): Outcome {
  const failed = outcomeOf(error, run.name, run.task.at);
  try {
    return skipped(run, run.scope) ?? failed;
  } catch (unknown) {
    if (unknown instanceof OrchError) return failed;
    throw unknown;
  }
}

async function runItem(
  run: TaskRun,
  action: AnyAction | undefined,
  item: DelegatedItem,
  hosts: readonly string[],
): Promise<Outcome> {
  const { task, walk } = run;
  try {
    const skip = await whenKnown(walk, () => skipped(run, item.scope));
    if (skip) return skip;
    if (run.broken) return run.broken;
    if (item.fault) throw item.fault;
    const notices = await whenKnown(walk, () => noticesOfItem(run, item));
    const retries = await whenKnown(walk, () => retryCount(run, item));
    for (let attempt = 1; ; attempt += 1) {
      const came = await whenKnown(walk, () => runOnce(run, action, item, hosts));
      const counted = { ...came, notices, ...(retries > 0 ? { result: { ...came.result, attempts: attempt } } : {}) };
      const outcome = await whenKnown(walk, () => judgeOrFail(run, item.scope, counted));
      const isOver = outcome.status === 'unreachable' || outcome.status === 'dropped' || outcome.beforehand;
      if (retries === 0 || isOver) return outcome;
      if (await whenKnown(walk, () => isWell(run, item, outcome))) return outcome;
      if (attempt > retries) return exhausted(run, outcome, retries);
      tellRetry(run, outcome, { tries: retries + 1, attempt });
      await walk.play.run.interrupt.sleep(delaySeconds(run, item) * 1000);
    }
  } catch (error) {
    return toldOf(item, run, outcomeOf(error, run.name, task.at));
  }
}

function retryCount({ task }: TaskRun, { scope }: Item): number {
  return Math.max(0, numberSaid(task.retries, scope) ?? (task.until ? defaultRetries : 0));
}

function isWell({ task }: TaskRun, { scope }: Item, outcome: Outcome): boolean {
  if (!task.until) return outcome.status !== 'failed';
  return allHold(task.until, judgementScope(task, scope, outcome));
}

function delaySeconds({ task }: TaskRun, item: Item): number {
  return Math.max(0, numberSaid(task.delaySeconds, item.scope, 'float') ?? defaultDelaySeconds);
}

function secondsOf({ scope }: Pick<Item, 'scope'>, seconds: Located): number {
  return Math.max(0, Number(scope.render(seconds)));
}

/**
 * `attempts` of the result counts the tries after the first one here, as Ansible's does. Where a task has `failed_when`, that alone
 * says whether it failed.
 */
function exhausted({ task, name }: TaskRun, outcome: Outcome, retries: number): Outcome {
  if (task.failedWhen) return { ...outcome, result: { ...outcome.result, attempts: retries, failed: true } };
  const condition = (task.until ?? []).map(({ value }) => String(value)).join(' and ');
  const failure = outcome.failure ?? {
    code: 'task-failed',
    summary: `After ${retries + 1} attempts this still does not hold: ${condition}`,
    task: name,
    at: task.at,
  };
  const { result } = failedOutcome(failure);
  return {
    ...outcome,
    status: 'failed',
    message: failure.summary,
    failure,
    result: { ...result, ...outcome.result, attempts: retries, failed: true },
  };
}

/** Once, with the settings of the item. */
async function runOnce(
  whole: TaskRun,
  action: AnyAction | undefined,
  item: DelegatedItem,
  hosts: readonly string[],
): Promise<Outcome> {
  const run = runOfItem(whole, item);
  const outcome = toldOf(item, run, await runOn(run, action, item, hosts));
  if (!run.byItem) return outcome;
  if (outcome.status !== 'failed') keepFacts(run, [outcome.result]);
  return { ...outcome, ignored: run.settings.ignoreErrors };
}

/** On the task's own host, or on the one that it is delegated to. */
async function runOn(
  run: TaskRun,
  action: AnyAction | undefined,
  item: DelegatedItem,
  hosts: readonly string[],
): Promise<Outcome> {
  const { walk, task } = run;
  const delegate = item.delegate?.host;
  const host = delegate ?? walk.host;
  const job = jobAsked(run, item.scope);
  if (action && job && !action.job) {
    const summary = `This action (${task.module}) does not support async.`;
    return failedOutcome({ code: 'task-failed', summary, task: run.name, at: task.at });
  }
  if (action) return runAction(run, { action, item, hosts, on: host, delegate, keepGoing: true, job });
  const params = taskParams(
    run,
    item.scope,
    delegate === undefined ? item.scope : shellScope(run, item.scope, delegate),
  );
  try {
    const link = await walk.play.run.link(host, saidConnection(walk, run.chain, host));
    const call = { host: walk.host, on: host, module: agentModule(task), params: [params], keepGoing: true };
    if (job) return await runAsJob(run, link, call, job);
    const [outcome = droppedOutcome] = await runOnAgent(link, run, call);
    return outcome;
  } catch (error) {
    return lostOutcome(error, run.name, task.at);
  }
}
