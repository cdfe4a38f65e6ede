import * as z from 'zod';
import { catalog } from '../../catalog.ts';
import type { Task } from '../../playbook/types.ts';
import { checked, type Params, renderedParams, sentParams } from './task-params.ts';
import type { TaskRun } from './task-run.ts';
import type { TaskScope } from './task-scope.ts';

/** What an agent is sent for one item. */
export interface ItemParams {
  readonly params: Params;
  /** Left to the agent: throws OrchError with the place of what is wrong, where it finds something. */
  readonly check?: (() => void) | undefined;
}

/** Parameters as they were rendered, and as the module takes them. */
interface Good {
  readonly rendered: Params;
  readonly data: Params;
}

/**
 * Makes the parameters of a task's items. The first is checked here. Those that differ from it in texts alone, where the module
 * wants texts, can't be mistaken for anything else, and the agent checks them anyway, which takes as long as all the rest here:
 * only when it refuses one is that checked here, too.
 */
export function itemParams(run: TaskRun): (scope: TaskScope) => ItemParams {
  const { task } = run;
  const shown = !run.settings.noLog;
  let texts: ReadonlySet<string> | undefined;
  let good: Good | undefined;
  return (scope) => {
    const rendered = renderedParams(task, scope);
    // Most tasks have one item.
    if (good !== undefined) texts ??= textsOf(task);
    if (good !== undefined && texts !== undefined && isLike(rendered, good.rendered, texts)) {
      const params = { ...good.data };
      for (const name of texts) if (name in params) params[name] = rendered[name];
      return { params, check: () => void checked(task, rendered, shown) };
    }
    const params = sentParams(run, scope, rendered);
    // What a custom module gets hangs on more than its own parameters.
    if (!task.custom) good ??= { rendered, data: params };
    return { params };
  };
}

/** Parameters that are texts and nothing else; none where parameters are not taken one by one. */
function textsOf({ module }: Task): ReadonlySet<string> {
  const schema = catalog.get(module)?.params;
  if (!(schema instanceof z.ZodObject)) return new Set();
  return new Set(Object.entries(schema.shape).flatMap(([name, field]) => (isText(field) ? name : [])));
}

function isText(field: unknown): boolean {
  return field instanceof z.ZodOptional || field instanceof z.ZodDefault
    ? isText(field.unwrap())
    : field instanceof z.ZodString;
}

function isLike(params: Params, good: Params, texts: ReadonlySet<string>): boolean {
  let names = 0;
  for (const name in params) {
    names += 1;
    const [value, other] = [params[name], good[name]];
    if (value !== other && !(typeof value === 'string' && typeof other === 'string' && texts.has(name))) return false;
  }
  return names === Object.keys(good).length;
}
