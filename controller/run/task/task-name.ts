import { catalog } from '../../catalog.ts';
import type { Common, RoleUse, Task } from '../../playbook/types.ts';
import { str } from '../../template/python/text.ts';
import { Pending, type TaskFacts } from '../signals.ts';
import type { Settings } from './settings.ts';
import type { TaskScope } from './task-scope.ts';

/** Roles around an entry, outermost first. */
export function rolesIn(chain: readonly Common[]): readonly RoleUse[] {
  return chain.flatMap(({ role }) => role ?? []);
}

/** A task's name, or its module; behind the name of its role, as in Ansible. `named`: what it is called whatever its variables say. */
export function taskName(task: Task, chain: readonly Common[], scope: TaskScope, named?: string): string {
  const role = roleShown(task, chain);
  return (role ? `${role.name} : ` : '') + (named ?? ownName(task, scope));
}

/** The role that a task's name is shown with: none for what includes another. */
function roleShown({ module }: Task, chain: readonly Common[]): RoleUse | undefined {
  return module === 'include_role' ? undefined : rolesIn(chain).at(-1);
}

function ownName(task: Task, scope: TaskScope): string {
  const unnamed = task.calledAs ?? task.module;
  if (!task.name) return unnamed;
  try {
    const name = scope.render(task.name);
    return name === null || scope.isOmitted(name) ? unnamed : str(name) || unnamed;
  } catch (error) {
    if (error instanceof Pending) throw error;
    // A name is for people: one that can't be rendered is shown as it was written.
    return task.name.value;
  }
}

/** A task's arguments as the playbook writes them, behind its name: a command's own text last, under the name that Ansible has for it. */
export function argumentsText({ module, args }: Task): string {
  const text = catalog.get(module)?.freeForm;
  const own = Object.entries(args.value).filter(([name]) => name !== text);
  const all = text === undefined || !(text in args.value) ? own : [...own, ['_raw_params', args.value[text]] as const];
  return all.map(([name, value]) => `${name}=${str(value)}`).join(', ');
}

interface Named {
  readonly task: Task;
  readonly name: string;
  readonly settings: Settings;
  readonly chain: readonly Common[];
}

/** What is to be told of a task that failed. */
export function taskFacts({ task, name, settings, chain }: Named): TaskFacts {
  const role = roleShown(task, chain);
  const named = role ? name.slice(role.name.length + ' : '.length) : name;
  return {
    name: task.name ? named : '',
    task,
    fatal: settings.anyErrorsFatal && !settings.ignoreErrors,
  };
}
