import { OrchError } from '../../proto/errors.ts';
import { type ItemDone, type RunResponse, Status, type Task } from '../../proto/gen/orch/v1/agent.ts';
import type { AnyModule } from '../modules/module.ts';
import { censored, toDiagnostic } from './diagnostic.ts';
import { runItem } from './run-item.ts';
import type { ItemOutcome, RunContext } from './task-context.ts';
import { TaskHost } from './task-host.ts';

/** Deadlines of tasks that name none: programs may take long, states are reached or not. */
const defaultDeadlineMs = { run: 3_600_000, converge: 300_000 };

/** Results beyond this would not fit into one message of the controller. */
const maxResultBytes = 24 * 1024 * 1024;

export type Emit = (message: NonNullable<RunResponse['message']>) => void;

/** Carries out the items of a task in order, all of them even when one fails; says what happens as it happens. */
export async function runTask(
  task: Task,
  modules: ReadonlyMap<string, AnyModule>,
  context: RunContext,
  cancel: AbortSignal,
  emit: Emit,
): Promise<Status> {
  emit({ $case: 'started', value: { task: task.id } });
  const module = modules.get(task.module);
  const statuses: Status[] = [];
  const end = endOf(task, module, cancel);
  const view = new TaskHost(context.host, {
    runAs: task.runAs === '' ? undefined : task.runAs,
    environment: task.environment,
    promises: context.promises,
  });
  for (const [item, { paramsJson }] of task.items.entries()) {
    const began = performance.now();
    const output = (chunk: Buffer, stderr: boolean) => {
      if (!task.noLog) emit({ $case: 'output', value: { task: task.id, item, stderr, chunk } });
    };
    const outcome: ItemOutcome =
      module === undefined
        ? unknownModule(task.module)
        : await runItem(module, paramsJson, { ...context, view, check: task.check, signal: end.signal, output });
    statuses.push(outcome.status);
    emit({ $case: 'itemDone', value: itemDone(task, item, outcome, performance.now() - began) });
  }
  end.clear();
  const status = worst(statuses);
  emit({ $case: 'taskDone', value: { task: task.id, status } });
  return status;
}

function itemDone(task: Task, item: number, outcome: ItemOutcome, ms: number): ItemDone {
  const text = JSON.stringify(outcome.result);
  const fits = Buffer.byteLength(text) <= maxResultBytes;
  const tooLarge = { code: 'task-failed', summary: 'The result is too large to be sent.', detail: '', hint: '' };
  const diagnostic = fits ? outcome.diagnostic : tooLarge;
  return {
    task: task.id,
    item,
    status: fits ? outcome.status : Status.FAILED,
    resultJson: fits ? text : '{"changed":true,"failed":true,"msg":"The result is too large to be sent."}',
    diff: task.diff && !task.noLog ? outcome.diff : undefined,
    diagnostic: diagnostic !== undefined && task.noLog ? censored(diagnostic) : diagnostic,
    warnings: [...outcome.warnings],
    durationUs: Math.round(ms * 1000),
  };
}

function worst(statuses: readonly Status[]): Status {
  for (const status of [Status.FAILED, Status.CHANGED, Status.OK]) if (statuses.includes(status)) return status;
  return statuses.length === 0 ? Status.OK : Status.SKIPPED;
}

/** Aborts when the run is cancelled or the task's deadline is over. */
function endOf(
  task: Task,
  module: AnyModule | undefined,
  cancel: AbortSignal,
): { signal: AbortSignal; clear: () => void } {
  const ms = task.timeoutMs > 0 ? task.timeoutMs : defaultDeadlineMs[module?.form ?? 'converge'];
  const abort = new AbortController();
  const onDeadline = () => {
    abort.abort(
      new OrchError({
        code: 'task-timeout',
        summary: `The task did not end within ${ms / 1000} s.`,
        hint: 'Give it more time with the task keyword timeout.',
      }),
    );
  };
  const onCancel = () => abort.abort(cancel.reason);
  const timer = setTimeout(onDeadline, Math.min(ms, 2 ** 31 - 1));
  if (cancel.aborted) onCancel();
  cancel.addEventListener('abort', onCancel);
  const clear = () => {
    clearTimeout(timer);
    cancel.removeEventListener('abort', onCancel);
  };
  return { signal: abort.signal, clear };
}

function unknownModule(name: string): ItemOutcome {
  const summary = `This agent has no module ${JSON.stringify(name)}.`;
  return {
    status: Status.FAILED,
    result: { changed: false, failed: true, msg: summary },
    diagnostic: toDiagnostic(new OrchError({ code: 'unknown-module', summary })),
    warnings: [],
  };
}
