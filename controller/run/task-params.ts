import { OrchError } from '../../proto/errors.ts';
import type { AnyAction } from '../actions/action.ts';
import type { Task } from '../playbook/types.ts';
import type { TaskScope } from './task-scope.ts';

export type Params = Readonly<Record<string, unknown>>;

/** A task's arguments, rendered; those equal to `omit` are left out. Throws OrchError or Pending. */
export function taskParams({ args }: Task, scope: TaskScope, raw: readonly string[] = []): Params {
  const params: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(args.value)) {
    const located = { value, origin: args.origin, path: [...args.path, name] };
    const rendered = raw.includes(name) ? value : scope.render(located);
    if (!scope.isOmitted(rendered)) params[name] = rendered;
  }
  return params;
}

/** The arguments as the action's schema has them. Throws OrchError invalid-parameter. */
export function actionParams(action: AnyAction, task: Task, scope: TaskScope): unknown {
  const params = taskParams(task, scope, action.raw);
  const parsed = action.params.safeParse(params);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const path = [...task.args.path, ...(issue?.path ?? []).map((key) => (typeof key === 'symbol' ? String(key) : key))];
  throw new OrchError({
    code: 'invalid-parameter',
    summary: `${task.module}: ${issue?.path.length ? `${issue.path.join('.')}: ` : ''}${issue?.message ?? 'invalid'}`,
    hint: `orch doc ${task.module} shows its parameters.`,
    where: task.args.origin.place(path),
  });
}
