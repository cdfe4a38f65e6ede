import { OrchError } from '../../../proto/errors.ts';
import { asksFor } from '../../playbook/plays/variable-uses.ts';
import type { Loop, Task } from '../../playbook/types.ts';
import { isTemplate } from '../../playbook/values/template-check.ts';
import type { Located } from '../../source/located.ts';
import { child } from '../../source/origins.ts';
import { printedText, str } from '../../template/python/text.ts';
import { typeName } from '../../template/python/values.ts';
import type { HostWalk } from '../state.ts';
import { knownParts } from './known-parts.ts';
import type { Outcome, TaskResult } from './outcome.ts';
import { truthSaid } from './settings.ts';
import type { TaskScope } from './task-scope.ts';

/** One item of a loop, or the task itself when it has none. */
export interface Item {
  /** What people see of it, which may ask for its own result; empty without a loop. */
  readonly label: string | ((result: TaskResult) => string);
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
export function labelOf({ loop, register }: Task, scope: TaskScope, item: unknown): Item['label'] {
  // As Python has it: nothing is a word here.
  const textOf = (value: unknown) => (value === null ? str(value) : printedText(value));
  const label = loop?.label;
  if (!label) return textOf(item);
  if (register === undefined || !asksFor(label, new Set([register]))) return textOf(scope.render(label));
  return (result) => {
    try {
      return textOf(scope.with({ [register]: result }).render(label));
    } catch {
      // The item is done: that it has no label is no reason to lose it.
      return textOf(item);
    }
  };
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

/** Adds to an item's outcome what tells it from its siblings. */
export function withKeys(outcome: Outcome, item: Omit<Item, 'scope'>): Outcome {
  return item.label === '' && Object.keys(item.keys).length === 0
    ? outcome
    : { ...outcome, result: { ...outcome.result, ...item.keys } };
}
