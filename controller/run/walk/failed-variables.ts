import type { Located } from '../../source/located.ts';
import type { TaskFailed } from '../signals.ts';

const said = (value: Located | undefined): unknown => value?.value ?? null;
const each = (values: readonly Located[] = []): unknown[] => values.map(({ value }) => value);

/** What a rescue knows of the failure: the task's own keywords as they were written, by Ansible's names, and its result. */
export function failedVariables({ task: { name, task }, outcome }: TaskFailed): Readonly<Record<string, unknown>> {
  const { become, loop } = task;
  const failed = {
    ...{
      name,
      action: task.calledAs ?? task.module,
      args: task.args.value,
      register: task.register ?? null,
      tags: task.tags,
      vars: Object.fromEntries([...task.vars].map(([variable, { value }]) => [variable, value])),
    },
    ...{ when: each(task.when), changed_when: each(task.changedWhen), failed_when: each(task.failedWhen) },
    ...{ loop: said(loop?.items), loop_with: loop?.lookup ?? null, notify: each(task.notify) },
    ...{ until: each(task.until), retries: said(task.retries), delay: task.delaySeconds?.value ?? 5 },
    ...{ delegate_to: said(task.delegateTo), delegate_facts: said(task.delegateFacts), run_once: said(task.runOnce) },
    ...{ become: said(become.become), become_user: said(become.user), environment: said(task.environment) },
    ...{ ignore_errors: said(task.ignoreErrors), check_mode: said(task.checkMode), no_log: said(task.noLog) },
  };
  return { ansible_failed_task: failed, ansible_failed_result: outcome.result };
}
