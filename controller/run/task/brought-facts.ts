import { settings } from '../../config/settings.ts';
import type { Task } from '../../playbook/types.ts';
import { isDataMapping } from '../../template/python/atom.ts';
import { LazyMap } from '../../template/python/values.ts';
import type { Scope } from '../../template/types.ts';
import { bringsFacts } from '../../vars/facts.ts';
import type { LaneStep } from '../hosts/lane.ts';
import type { TaskResult } from './outcome.ts';
import type { TaskScope } from './task-scope.ts';

/** What facts a task's result may have: those of a module of one's own are not known before. */
export function factsBrought({ module, custom }: Task): LaneStep['brings'] {
  if (custom !== undefined || bringsFacts.has(module)) return 'any-facts';
  return module === 'setup' ? 'ansible-facts' : undefined;
}

/** A scope with the facts that a result of the task has just brought, as those that judge it see them: of no host yet. */
export function withFactsOf(task: Task, scope: TaskScope, { ansible_facts: facts }: TaskResult): TaskScope {
  if (!isDataMapping(facts)) return scope;
  // As in Ansible the items behind see them, whosever they are.
  if (task.module === 'set_fact') return scope.with(facts);
  if (!(factsBrought(task) ?? task.plugin)) return scope;
  const brought = new Map(Object.entries(facts).map(([name, value]) => [name.replace(/^ansible_/, ''), value]));
  // Asked for only where one of them is named: they may have to be waited for.
  const others = () => membersOf(scope.variable('ansible_facts'));
  const all = new LazyMap({
    has: (name) => brought.has(name) || others().has(name),
    get: (name) => (brought.has(name) ? brought.get(name) : others().get(name)),
    names: () => new Set([...brought.keys(), ...others().names()]),
  });
  return scope.with({ ...(settings().injectFacts ? facts : {}), ansible_facts: all });
}

function membersOf(facts: unknown): Scope {
  if (facts instanceof LazyMap) return facts.scope;
  const members = new Map(isDataMapping(facts) ? Object.entries(facts) : []);
  return { has: (name) => members.has(name), get: (name) => members.get(name), names: () => members.keys() };
}
