import { type FilePlace, OrchError } from '../../proto/errors.ts';
import { settings } from '../config/settings.ts';
import { unheard } from '../playbook/check-handlers.ts';
import { isTemplate } from '../playbook/template-check.ts';
import type { Common, Loop, Task } from '../playbook/types.ts';
import { usesOf } from '../playbook/variable-uses.ts';
import type { Located } from '../source/located.ts';
import { printedText, str } from '../template/text.ts';
import { typeName } from '../template/values.ts';
import { failureOf } from './failure.ts';
import { handlersFor } from './handlers.ts';
import { judge } from './judge.ts';
import { knownParts } from './known-parts.ts';
import { failedOutcome, type Outcome, skippedOutcome } from './outcome.ts';
import { cautiousSettings, nearest, type Settings, taskSettings } from './settings.ts';
import type { Frame, HostWalk } from './state.ts';
import { rolesIn, taskName } from './task-name.ts';
import type { TaskScope } from './task-scope.ts';

/** One task on one host, with what does not change from item to item. */
export interface TaskRun {
  readonly walk: HostWalk;
  readonly task: Task;
  /** Enclosing blocks and the task, outermost first. */
  readonly chain: readonly Common[];
  readonly scope: TaskScope;
  readonly name: string;
  readonly settings: Settings;
  /** True when items of its loop have settings of their own (`become_user: "{{ item }}"`), which `settings` is without. */
  readonly byItem: boolean;
  /** Indexes of the handlers that a change notifies. */
  readonly handlers: readonly number[];
  /** True when the workstation does it, or prepares it. */
  readonly isAction: boolean;
  /** Set when its keywords could not be evaluated: what the task comes to unless it is skipped. */
  readonly broken: Outcome | undefined;
  /** True when a failure is caught by a rescue around it. */
  readonly rescued: boolean;
  /** It was notified, or stands in what was: the flush that runs it. */
  readonly flush: string | undefined;
  /** Puts back what its variables were: a task that fails sets none. */
  readonly takeBack: (() => void)[];
  /** Nothing is told of it when it ends well. */
  readonly quiet?: boolean;
}

/** A task that was sent: without its scope, of which there would be as many as tasks are in flight. */
export type SentTask = Omit<TaskRun, 'scope'>;

export function sentTask({ scope: _, ...sent }: TaskRun): SentTask {
  return sent;
}

/** One item of a loop, or the task itself when it has none. */
export interface Item {
  /** What people see of it; empty without a loop. */
  readonly label: string;
  /** Keys that the item adds to its result. */
  readonly keys: Readonly<Record<string, unknown>>;
  readonly scope: TaskScope;
}

/** Evaluates the task's keywords. Throws Pending. */
export function prepareTask(walk: HostWalk, task: Task, frame: Frame, isAction: boolean): TaskRun {
  const chain = [...frame.chain, task];
  const scope = walk.play.run.scope(walk.play, {
    host: walk.host,
    vars: chain.map((entry) => entry.vars),
    params: frame.params,
    roles: rolesIn(chain),
    file: task.at.file,
    keywords: {
      connection: nearest(chain, 'connection') ?? walk.play.play.connection,
      remoteUser: nearest(chain, 'remoteUser') ?? walk.play.play.remoteUser,
    },
    locals: frame.locals,
  });
  const name = taskName(task, chain, scope);
  const apart = withoutItems(task);
  const byItem = apart !== task;
  const run = {
    walk,
    task,
    chain,
    scope,
    name,
    byItem,
    isAction,
    rescued: frame.rescued,
    flush: frame.flush,
    takeBack: [],
  };
  try {
    const whole = [...frame.chain, apart];
    const settings = taskSettings(walk, whole, scope);
    return { ...run, settings, handlers: notifiedHandlers(walk, whole, scope), broken: undefined };
  } catch (error) {
    return { ...run, settings: cautiousSettings(chain), handlers: [], broken: outcomeOf(error, name, task.at) };
  }
}

/** A loop's task without the keywords to which each item gives another value; else the task itself. */
function withoutItems(task: Task): Task {
  const { loop, become, environment, noLog, delegateTo, delegateFacts, notify, ignoreErrors } = task;
  const ofItems = new Set([loop?.loopVar, loop?.indexVar, 'ansible_loop']);
  const asks = (value: Located | undefined) =>
    value !== undefined && loop !== undefined && usesOf(value, new Set()).some(({ name }) => ofItems.has(name));
  const user = asks(become.user);
  const surroundings = asks(environment);
  const owner = delegateFacts !== undefined && asks(delegateTo);
  const secrecy = asks(noLog);
  const topics = notify.some(asks);
  const ignored = asks(ignoreErrors);
  if (!user && !surroundings && !owner && !secrecy && !topics && !ignored) return task;
  return {
    ...task,
    ...(user ? { become: { ...become, user: undefined } } : {}),
    ...(surroundings ? { environment: undefined } : {}),
    // What one item hides is hidden of the whole.
    ...(noLog && secrecy ? { noLog: { ...noLog, value: true } } : {}),
    ...(owner ? { delegateFacts: undefined } : {}),
    ...(topics ? { notify: [] } : {}),
    ...(ignored ? { ignoreErrors: undefined } : {}),
  };
}

/** The same for one item, with the settings that are its own. Throws OrchError or Pending. */
export function runOfItem(run: TaskRun, { scope }: Item): TaskRun {
  return run.byItem ? { ...run, settings: taskSettings(run.walk, run.chain, scope) } : run;
}

/** Handlers that a change by one item notifies, where each item names its own. Throws OrchError or Pending. */
export function handlersOfItem({ byItem, walk, chain }: TaskRun, { scope }: Item): readonly number[] {
  return byItem ? notifiedHandlers(walk, chain, scope) : [];
}

function notifiedHandlers(walk: HostWalk, chain: readonly Common[], scope: TaskScope): readonly number[] {
  const topics = chain.flatMap(({ notify }) => notify);
  const names = topics.flatMap((topic) => [scope.render(topic)].flat().map((name) => ({ topic, name: String(name) })));
  return names.flatMap(({ topic, name }) => {
    const handlers = handlersFor(walk.play.handlers, name, (each) => handlerName(each, scope));
    if (handlers.length > 0 || !settings().errorOnMissingHandler) return handlers;
    throw new OrchError({
      code: 'playbook-structure',
      summary: unheard(name),
      where: topic.origin.place(topic.path),
    });
  });
}

/** Undefined: its template can't be rendered, so nothing means it. */
function handlerName(name: Located<string>, scope: TaskScope): string | undefined {
  try {
    return isTemplate(name.value) ? String(scope.render(name)) : name.value;
  } catch (error) {
    if (error instanceof OrchError) return undefined;
    throw error;
  }
}

/** The items of the task's loop, with a warning where they hide a variable. Throws OrchError or Pending. */
export function taskItems(run: Pick<TaskRun, 'task' | 'scope' | 'walk'>): readonly Item[] {
  const items = [...eachItem(run)];
  const name = items[0]?.keys.ansible_loop_var;
  if (typeof name === 'string' && run.scope.has(name)) {
    const message = `The loop variable '${name}' is already in use. You should set the \`loop_var\` value in the \`loop_control\` option for the task to something else to avoid variable collisions and unexpected behavior.`;
    run.walk.play.run.emit({ type: 'warning', message });
  }
  return items;
}

/** The same, each made when it is asked for. */
export function* eachItem({ task, scope }: Pick<TaskRun, 'task' | 'scope'>): Generator<Item> {
  const { loop } = task;
  if (!loop) {
    yield { label: '', keys: {}, scope };
    return;
  }
  const list: unknown = loop.lookup === undefined ? scope.render(loop.items) : lookedUp(loop, scope, task.module);
  if (!Array.isArray(list)) {
    throw new OrchError({
      code: 'invalid-parameter',
      summary: `The \`loop\` value must resolve to a 'list', not '${typeName(list)}'.`,
      hint: 'Give a list, or turn a mapping into one with the filter dict2items.',
      where: loop.items.origin.place(loop.items.path),
    });
  }
  const named = (name: string) => (isTemplate(name) ? String(scope.render({ ...loop.items, value: name })) : name);
  const loopVar = named(loop.loopVar);
  const indexVar = loop.indexVar && named(loop.indexVar);
  for (const [index, item] of list.entries()) {
    const keys: Record<string, unknown> = { [loopVar]: item };
    if (indexVar) keys[indexVar] = index;
    if (loop.extended) keys.ansible_loop = extended(list, index, loop.allItems !== false);
    keys.ansible_loop_var = loopVar;
    if (indexVar) keys.ansible_index_var = indexVar;
    const inner = scope.with(keys);
    const label = loop.label ? inner.render(loop.label) : item;
    yield {
      // As Python has it: nothing is a word here.
      label: label === null ? str(label) : printedText(label),
      keys,
      scope: inner,
    };
  }
}

/** The folder in which `with_first_found` looks, where it is not `files`. */
const kindOf: ReadonlyMap<string, string> = new Map([
  ['template', 'templates'],
  ['include_vars', 'vars'],
  ['include_tasks', 'tasks'],
]);

/** The items of `with_NAME`: what the lookup answers. One value is taken as a list of one. */
function lookedUp({ items, lookup: name = '' }: Loop, scope: TaskScope, module: string): unknown {
  // Of files, those that ask for what is not known are passed over, as in Ansible.
  const rendered = name === 'first_found' ? (knownParts(items, scope)[0] ?? []) : scope.render(items);
  const options = new Map(name === 'first_found' ? [['kind', kindOf.get(module) ?? 'files']] : []);
  return scope.lookup({ name, options }, Array.isArray(rendered) ? rendered : [rendered], items);
}

/** `ansible_loop` of loop_control's `extended`. */
function extended(items: readonly unknown[], index: number, all: boolean): Readonly<Record<string, unknown>> {
  const { length } = items;
  return {
    ...(all ? { allitems: items } : {}),
    ...{ index: index + 1, index0: index, first: index === 0, last: index + 1 === length, length },
    ...{ revindex: length - index, revindex0: length - index - 1 },
    ...(index > 0 ? { previtem: items[index - 1] } : {}),
    ...(index + 1 < length ? { nextitem: items[index + 1] } : {}),
  };
}

/** The outcome of an item whose conditions do not hold; undefined when it is to be run. Throws OrchError or Pending. */
export function skipped({ chain }: Pick<TaskRun, 'chain'>, scope: TaskScope): Outcome | undefined {
  for (const entry of chain) {
    for (const condition of entry.when) {
      if (!scope.holds(condition)) return skippedOutcome('Conditional result was False', condition.value);
    }
  }
  return undefined;
}

/** Adds to an item's outcome what tells it from its siblings. */
export function withKeys(outcome: Outcome, item: Omit<Item, 'scope'>): Outcome {
  return item.label === '' && Object.keys(item.keys).length === 0
    ? outcome
    : { ...outcome, result: { ...outcome.result, ...item.keys } };
}

/** Applies changed_when and failed_when; a task whose result they can't be asked of has failed, with its result kept. */
export function judgeOrFail(
  { task, name }: Pick<TaskRun, 'task' | 'name'>,
  scope: TaskScope,
  outcome: Outcome,
): Outcome {
  try {
    return judge(task, scope, outcome);
  } catch (error) {
    const failed = outcomeOf(error, name, task.at);
    return { ...failed, durationMs: outcome.durationMs, result: { ...failed.result, ...outcome.result, failed: true } };
  }
}

/** The outcome of a task that failed on the workstation. Rethrows what is no OrchError. */
export function outcomeOf(error: unknown, task: string, at: FilePlace): Outcome {
  if (error instanceof OrchError) {
    const failed = failedOutcome(failureOf(error, { name: task, at }));
    return { ...failed, result: { ...failed.result, ...error.result } };
  }
  throw error;
}
