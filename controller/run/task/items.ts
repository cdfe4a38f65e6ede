import { OrchError } from '../../../proto/errors.ts';
import { asksFor } from '../../playbook/plays/variable-uses.ts';
import type { Loop, Task } from '../../playbook/types.ts';
import { isTemplate } from '../../playbook/values/template-check.ts';
import type { Located } from '../../source/located.ts';
import { child } from '../../source/origins.ts';
import { printedText, str } from '../../template/python/text.ts';
import { typeName } from '../../template/python/values.ts';
import { failureOf } from '../failure.ts';
import type { HostWalk } from '../state.ts';
import { knownParts } from './known-parts.ts';
import type { Outcome, TaskResult } from './outcome.ts';
import { truthSaid } from './settings.ts';
import type { TaskScope } from './task-scope.ts';

type Label = string | OrchError;

/** One item of a loop, or the task itself when it has none. */
export interface Item {
  /** What people see of it, which may ask for its own result, or why that can't be said; empty without a loop. */
  readonly label: Label | ((result: TaskResult) => Label);
  /** Keys that the item adds to its result. */
  readonly keys: Readonly<Record<string, unknown>>;
  readonly scope: TaskScope;
}

/** A task whose loop is walked. */
interface Looping {
  readonly walk: HostWalk;
  readonly task: Task;
  readonly scope: TaskScope;
}

/** The items of the task's loop, with a warning where they hide a variable. Throws OrchError or Pending. */
export function taskItems(run: Looping): readonly Item[] {
  const items = [...eachItem(run)];
  const name = items[0]?.keys.ansible_loop_var;
  if (typeof name === 'string' && run.scope.has(name)) {
    const message = `The loop variable '${name}' is already in use. You should set the \`loop_var\` value in the \`loop_control\` option for the task to something else to avoid variable collisions and unexpected behavior.`;
    run.walk.play.run.emit({ type: 'warning', message });
  }
  return items;
}

/** The same, each made when it is asked for. */
export function* eachItem({ task, scope }: Omit<Looping, 'walk'>): Generator<Item> {
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
  const named = (name: string) => (isTemplate(name) ? str(scope.render({ ...loop.items, value: name })) : name);
  const loopVar = named(loop.loopVar);
  const indexVar = loop.indexVar && named(loop.indexVar);
  const says = (flag: Located | undefined, otherwise: boolean) => {
    const said = flag && scope.render(flag);
    return flag === undefined || scope.isOmitted(said) ? otherwise : truthSaid(said);
  };
  const isExtended = list.length > 0 && says(loop.extended, false);
  const withAll = isExtended && says(loop.allItems, true);
  const written = asWritten(loop, scope, list.length);
  for (const [index, item] of list.entries()) {
    const keys: Record<string, unknown> = { [loopVar]: item };
    if (indexVar) keys[indexVar] = index;
    if (isExtended) keys.ansible_loop = extended(list, index, withAll);
    keys.ansible_loop_var = loopVar;
    if (indexVar) keys.ansible_index_var = indexVar;
    const source = written && child(written, index);
    const inner = scope.with(keys, source && new Map([[loopVar, source]]));
    yield {
      label: labelOf(task, inner, item),
      keys,
      scope: inner,
    };
  }
}

/** A loop's list as a file has it, where its items are those of the list. */
function asWritten({ items, lookup = 'list' }: Loop, scope: TaskScope, length: number): Located | undefined {
  const written = ['list', 'items'].includes(lookup) ? scope.written(items) : undefined;
  return Array.isArray(written?.value) && written.value.length === length ? written : undefined;
}

/** What people see of an item: itself, or what the task says, which may ask for what the task registers of the item. */
export function labelOf(task: Task, scope: TaskScope, item: unknown): Item['label'] {
  // As Python has it: nothing is a word here.
  const textOf = (value: unknown) => (value === null ? str(value) : printedText(value));
  const { loop, register } = task;
  const label = loop?.label;
  if (!label) return textOf(item);
  const asks = labelAsks(task);
  const said = (seen: TaskScope): Label => {
    try {
      return textOf(seen.render(label));
    } catch (error) {
      // As in Ansible anything else is the task's fault; of what is done it is the item's.
      if (error instanceof OrchError && (asks || error.code === 'undefined-variable')) return error;
      throw error;
    }
  };
  if (register === undefined || !asks) return said(scope);
  return (result) => {
    try {
      return said(scope.with({ [register]: result }));
    } catch {
      // The item is done: that its label would have to be waited for is no reason to lose it, nor to show what it was to hide.
      return String(label.value);
    }
  };
}

/** Whether what people see of an item is said by what the task registers of it. */
export function labelAsks({ loop, register }: Task): boolean {
  return register !== undefined && loop?.label !== undefined && asksFor(loop.label, new Set([register]));
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

/** Adds to an item's outcome what tells it from its siblings: one whose label can't be said has failed, unless `failed_when` says that it has not. */
export function withKeys(outcome: Outcome, item: Omit<Item, 'scope'>): Outcome {
  if (item.label === '' && Object.keys(item.keys).length === 0) return outcome;
  const result = { ...outcome.result, ...item.keys };
  const label = typeof item.label === 'function' ? item.label(result) : item.label;
  if (typeof label === 'string') return { ...outcome, label, result };
  if (outcome.status === 'dropped' || outcome.status === 'unreachable') return { ...outcome, result };
  const summary = `Failed to template loop_control.label: ${label.summary}`;
  const told = { ...outcome, result: { ...result, failed: true, msg: summary } };
  if (outcome.result.failed_when_result === false) return told;
  return { ...told, status: 'failed', message: summary, failure: failureOf(new OrchError({ ...label, summary })) };
}
