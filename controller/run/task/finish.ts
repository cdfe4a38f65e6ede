import type { FilePlace } from '../../../proto/errors.ts';
import { catalog } from '../../catalog.ts';
import { settings as said } from '../../config/settings.ts';
import type { Task } from '../../playbook/types.ts';
import { holdSecret } from '../../playbook/values/secrets.ts';
import { isInclude, showsResult } from '../../report/run/task-lines.ts';
import type { RunEvent, TaskName, TaskRecord, TaskStatus } from '../../report/types.ts';
import { isDataMapping } from '../../template/python/atom.ts';
import { noteRole } from '../walk/ran-roles.ts';
import { deprecationsIn } from './deprecations.ts';
import { isIgnored, loopOutcome, type Outcome, recordedStatus, resultsIn, type TaskResult } from './outcome.ts';
import { argumentsText, rolesIn, taskFacts } from './task-name.ts';
import type { SentTask } from './task-run.ts';

type ItemEvent = Extract<RunEvent, { type: 'item-done' }>;

const hidden = 'hidden because of no_log';
const censoredResult = "the output has been hidden due to the fact that 'no_log: true' was specified for this result";

/** An outcome without what no_log hides; its result stays, for `register`. */
export function censored(run: SentTask, outcome: Outcome): Outcome {
  if (!run.settings.noLog) return withPlace(run, outcome);
  return {
    ...outcome,
    message: outcome.message === undefined ? undefined : hidden,
    diff: undefined,
    warnings: undefined,
    failure: outcome.failure && {
      code: outcome.failure.code,
      summary: `The task failed; why is ${hidden}.`,
      ...(outcome.failure.task === undefined ? {} : { task: outcome.failure.task }),
      ...(outcome.failure.at === undefined ? {} : { at: withoutText(outcome.failure.at) }),
    },
  };
}

/** The line of a task may hold the value of a secret parameter. */
function withPlace({ task }: SentTask, outcome: Outcome): Outcome {
  const { failure } = outcome;
  if (!failure?.at || !showsSecret(task)) return outcome;
  return { ...outcome, failure: { ...failure, at: withoutText(failure.at) } };
}

const showing = new WeakMap<Task, boolean>();

function showsSecret(task: Task): boolean {
  const known = showing.get(task);
  if (known !== undefined) return known;
  const entry = (task.custom ?? task.plugin) ? undefined : catalog.get(task.module);
  const shows = entry !== undefined && holdSecret(entry.params, task.args.value);
  showing.set(task, shows);
  return shows;
}

/** The place alone: the line itself may hold what is to be hidden. */
function withoutText({ file, line, column }: FilePlace): FilePlace {
  return { file, line, column };
}

/** The items of a loop as one outcome; without a loop its only item's. */
export function wholeOutcome(run: SentTask, outcomes: readonly Outcome[]): Outcome {
  const [only] = outcomes;
  return run.task.loop === undefined && only ? only : loopOutcome(outcomes);
}

/** Tells how one item of a loop ended. */
export function tellItem(run: SentTask, outcome: Outcome): void {
  const { walk, task, settings, rescued } = run;
  const status = recordedStatus(outcome, settings, rescued);
  if (task.loop === undefined || status === undefined) return;
  const shown = censored(run, outcome);
  const { emit, options } = walk.play.run;
  // There may be many, and each is told by itself: keys are added, because to copy takes several times as long.
  // A label that can't be said is told as it is written: the item itself may be what it was to hide.
  const label = outcome.label ?? String(task.loop.label?.value);
  const event: { -readonly [key in keyof ItemEvent]: ItemEvent[key] } = {
    type: 'item-done',
    host: walk.host,
    task: run.name,
    label: settings.noLog ? '(censored due to no_log)' : label,
    module: task.module,
    status,
  };
  if (outcome.delegate !== undefined) event.delegate = outcome.delegate;
  if (outcome.delegateAddress !== undefined) event.delegateAddress = outcome.delegateAddress;
  if (shown.message !== undefined) event.message = shown.message;
  if (options.verbosity || showsResult(event)) event.result = shownResult(run, outcome);
  const diff = toldDiff(shown);
  if (diff !== undefined) event.diff = diff;
  emit(event);
}

/** Tells that a task is tried again. */
export function tellRetry(
  run: SentTask,
  outcome: Outcome,
  { tries, attempt }: { tries: number; attempt: number },
): void {
  run.walk.play.run.emit({
    type: 'task-retry',
    ...taskNamed(run),
    shown: taskFacts(run).name || run.name,
    retriesLeft: tries - attempt,
    module: run.task.module,
    result: shownResult(run, { ...outcome, result: { ...outcome.result, retries: tries } }),
  });
}

/**
 * A task that counts: keeps what it registers and the facts it brings, notifies, and tells how it ended.
 * True when its failure does not count.
 */
export function finishTask(run: SentTask, outcome: Outcome): boolean {
  const { walk, task, settings } = run;
  walk.play.run.progress.ended = true;
  if (outcome.status === 'failed') for (const takeBack of run.takeBack.toReversed()) takeBack();
  keepResult(run, outcome);
  noteRole(run, outcome);
  const status = recordedStatus(outcome, settings, run.rescued);
  if (status === 'changed') walk.notices.push(...run.notices, ...(outcome.notices ?? []));
  if (status === 'changed' && settings.check) walk.state.pretended = true;
  if (status === 'changed') walk.state.changed = true;
  if (task.module === 'meta') tellMeta(run, status === 'skipped');
  else if (status !== undefined && !(run.quiet && status === 'ok')) {
    walk.play.run.emit({ type: 'task-done', ...taskRecord(run, outcome, status) });
  }
  return isIgnored(outcome, settings);
}

/** Keeps what the task registers and, unless it failed, the facts it brings, for a host: else its own. */
export function keepResult(run: SentTask, outcome: Outcome, state = run.walk.state): void {
  if (run.task.register !== undefined) state.variables.set(run.task.register, outcome.result);
  if (!run.byItem && outcome.status !== 'failed') keepFacts(run, resultsIn(run.task, outcome.result), state);
}

/** Keeps the facts that results bring for the host they are about: the one that the task is delegated to, or `state`. */
export function keepFacts(run: SentTask, results: readonly TaskResult[], state = run.walk.state): void {
  const { factsOf } = run.settings;
  const owner = factsOf === undefined ? state : run.walk.play.run.host(factsOf);
  if (run.isAction) return;
  for (const { ansible_facts: facts } of results) if (isDataMapping(facts)) owner.learnFacts(facts);
}

/** What the playbook says for itself to the run is told; what the run says to itself is not. */
function tellMeta(run: SentTask, skipped: boolean): void {
  const { walk, task, chain } = run;
  if (task.implicit) return;
  const order = String(Object.values(task.args.value)[0]);
  const role = rolesIn(chain).at(-1)?.name;
  walk.play.run.emit({ type: 'meta-done', ...taskNamed(run), order, ...optional('role', role), skipped });
}

/** How lines about a task name it. */
export function taskNamed({ walk, task, name, written, flush, settings }: SentTask): TaskName {
  const isSecret = settings.noLog || showsSecret(task);
  const tellsArgs = walk.play.run.options.tellsArgs && !isSecret;
  return {
    host: walk.host,
    play: walk.play.name,
    task: name,
    ...optional('written', written),
    ...optional('flush', flush),
    ...optional('given', tellsArgs ? argumentsText(task) : undefined),
    ...optional('check', settings.check || undefined),
    at: isSecret ? withoutText(task.at) : task.at,
  };
}

function taskRecord(run: SentTask, outcome: Outcome, status: TaskStatus): TaskRecord {
  const { task, settings } = run;
  const shown = censored(run, outcome);
  const told = settings.noLog || !said().deprecationWarnings ? [] : deprecationsIn(resultsIn(task, outcome.result));
  return {
    ...taskNamed(run),
    module: task.module,
    ...optional('delegate', outcome.delegate),
    ...optional('delegateAddress', outcome.delegateAddress),
    status,
    ...optional('included', isInclude(task.module) ? filesIncluded(outcome) : undefined),
    durationMs: outcome.durationMs,
    ...optional('diff', toldDiff(shown)),
    ...optional('message', shown.message),
    ...optional('warnings', shown.warnings?.length ? shown.warnings : undefined),
    ...optional('deprecations', told.length > 0 ? told : undefined),
    ...optional('args', settings.noLog ? undefined : outcome.args),
    result: shownResult(run, outcome),
  };
}

function toldDiff({ diff: [first, ...more] = [] }: Outcome): TaskRecord['diff'] {
  return first && more.length > 0 ? { ...first, more } : first;
}

/** How many files an include in a loop brought; undefined: it is none. */
function filesIncluded({ result: { results } }: Outcome): number | undefined {
  if (!Array.isArray(results)) return undefined;
  return results.filter((one: TaskResult) => one.include_args !== undefined && one.failed !== true).length || undefined;
}

/** What of a result is told: its diff is told by itself. */
function shownResult({ settings }: SentTask, { result }: Outcome): TaskResult {
  if (settings.noLog) return { censored: censoredResult, changed: result.changed };
  const { diff: _, ...shown } = result;
  return shown;
}

function optional<K extends string, V>(key: K, value: V | undefined): { readonly [key in K]?: V } {
  return value === undefined ? {} : ({ [key]: value } as { readonly [key in K]?: V });
}
