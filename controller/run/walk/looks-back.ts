import { asksFor, namesIn } from '../../playbook/plays/variable-uses.ts';
import type { Common, Task } from '../../playbook/types.ts';

const known = new WeakMap<Task, boolean>();
const judgedByOthers = new WeakMap<Task, boolean>();

/** Variables that no task gives another value. */
const neverAwaited = [
  'inventory_hostname',
  'ansible_check_mode',
  'ansible_diff_mode',
  'playbook_dir',
  'role_path',
  'omit',
];

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

/** True when more than the task's own result and its loop's item judges it: what may have to be waited for. */
export function asksOthersToJudge(task: Task): boolean {
  let asks = judgedByOthers.get(task);
  if (asks === undefined) {
    asks = judgesByOthers(task);
    judgedByOthers.set(task, asks);
  }
  return asks;
}

function judgesByOthers({ changedWhen = [], failedWhen = [], register, loop }: Task): boolean {
  const own = new Set([...neverAwaited, register, loop?.loopVar, loop?.indexVar, 'ansible_loop']);
  return [...changedWhen, ...failedWhen].some((text) => {
    if (/\b(?:lookup|query|q)\s*\(/.test(String(text.value))) return true;
    return [...namesIn(text, 'expression')].some((name) => !own.has(name));
  });
}

function asksForItself({ args, environment, vars }: Task, register: ReadonlySet<string>): boolean {
  const texts = [args, ...(environment ? [environment] : []), ...vars.values()];
  return texts.some((text) => asksFor(text, register));
}
