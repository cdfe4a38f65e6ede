import { OrchError } from '../../proto/errors.ts';
import { catalog } from '../catalog.ts';
import type { CatalogEntry } from '../playbook/catalog.ts';
import { type CheckedParams, checkParams } from '../playbook/check-params.ts';
import type { Task } from '../playbook/types.ts';
import type { TaskRun } from './task-run.ts';
import type { TaskScope } from './task-scope.ts';

export type Params = Readonly<Record<string, unknown>>;

/** A task's arguments, rendered; those equal to `omit` are left out. Throws OrchError or Pending. */
function rendered({ args }: Task, scope: TaskScope, raw: readonly string[]): Params {
  const params: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(args.value)) {
    const located = { value, origin: args.origin, path: [...args.path, name] };
    const result = raw.includes(name) ? value : scope.render(located);
    if (!scope.isOmitted(result)) params[String(scope.render({ ...located, value: name }))] = result;
  }
  return params;
}

/** What schemas have taken, by the arguments' text: what a run needs is asked before it sends them, and hosts get the same. */
const taken = new WeakMap<CatalogEntry, Map<string, CheckedParams>>();

/** Of one module; the oldest go. */
const mostKept = 2000;

/** A text that tells arguments apart; undefined where JSON would not. */
function keyOf(params: Params): string | undefined {
  const plain = Object.values(params).every(
    (value) => typeof value === 'string' || typeof value === 'boolean' || Number.isSafeInteger(value),
  );
  return plain ? JSON.stringify(params) : undefined;
}

/** As checkParams; arguments that were good before are not held against the schema again. */
function checkedOnce(entry: CatalogEntry, params: Params, { args }: Task, shown: boolean): CheckedParams {
  const key = keyOf(params);
  const kept = taken.get(entry) ?? new Map<string, CheckedParams>();
  taken.set(entry, kept);
  const known = key === undefined ? undefined : kept.get(key);
  if (known !== undefined) return known;
  const result = checkParams(entry, params, args, shown);
  if (key === undefined || result.errors.length > 0) return result;
  kept.set(key, result);
  for (const oldest of kept.keys()) {
    if (kept.size <= mostKept) break;
    kept.delete(oldest);
  }
  return result;
}

/** A task's arguments, rendered and checked by the module's schema. `shown`: errors may show values. */
function checked(task: Task, scope: TaskScope, shown: boolean) {
  const entry = catalog.get(task.module);
  if (!entry) throw new OrchError({ code: 'unknown-module', summary: `no module "${task.module}"`, where: task.at });
  const result = checkedOnce(entry, rendered(task, scope, entry.raw ?? []), task, shown);
  const [first, ...more] = result.errors;
  if (!first) return result;
  throw new OrchError({
    code: first.code,
    summary: first.summary,
    detail: more.length > 0 ? more.map(({ summary }) => summary).join('\n') : undefined,
    hint: first.hint ?? `"orch doc ${task.module}" shows its parameters`,
    where: first.where,
  });
}

/** What an agent is sent for one item: rendered, and in the types that the module takes. Throws OrchError or Pending. */
export function taskParams(run: TaskRun, scope: TaskScope): Params {
  return checked(run.task, scope, !run.settings.noLog).data;
}

/** What a task asks of its module, whatever hides it. Throws OrchError or Pending; nobody may be shown why. */
export function hiddenParams(task: Task, scope: TaskScope): unknown {
  return checked(task, scope, false).params;
}

/** What an action gets for one item: as its schema has it, defaults filled in. Throws OrchError or Pending. */
export function actionParams(run: TaskRun, scope: TaskScope): unknown {
  return checked(run.task, scope, !run.settings.noLog).params;
}
