import { asksFor } from '../../playbook/plays/variable-uses.ts';
import type { Common, Task } from '../../playbook/types.ts';

const known = new WeakMap<Task, boolean>();

/**
 * True when items of the task's loop ask what the one before them came to, by the name that the task registers; so may the conditions
 * of what the task stands in (`chain`).
 */
export function looksBack(task: Task, chain: readonly Common[]): boolean {
  if (task.loop === undefined || task.register === undefined) return false;
  const register = new Set([task.register]);
  let looks = known.get(task);
  if (looks === undefined) {
    looks = asksForItself(task, register);
    known.set(task, looks);
  }
  return looks || chain.some(({ when }) => when.some((text) => asksFor(text, register, 'expression')));
}

function asksForItself({ args, environment, vars }: Task, register: ReadonlySet<string>): boolean {
  const texts = [args, ...(environment ? [environment] : []), ...vars.values()];
  return texts.some((text) => asksFor(text, register));
}
