import type { Task } from '../../playbook/types.ts';
import { asksFor } from '../../playbook/variable-uses.ts';

const known = new WeakMap<Task, boolean>();

/** True when items of the task's loop ask what the one before them came to, by the name that the task registers. */
export function looksBack(task: Task): boolean {
  let looks = known.get(task);
  if (looks === undefined) {
    looks = task.loop !== undefined && task.register !== undefined && asksForItself(task, new Set([task.register]));
    known.set(task, looks);
  }
  return looks;
}

function asksForItself({ args, environment, vars, when }: Task, register: ReadonlySet<string>): boolean {
  const texts = [args, ...(environment ? [environment] : []), ...vars.values()];
  return texts.some((text) => asksFor(text, register)) || when.some((text) => asksFor(text, register, 'expression'));
}
