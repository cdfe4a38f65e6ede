import { OrchError } from '../../../proto/errors.ts';
import { type Diff, Status } from '../../../proto/gen/orch/v1/agent.ts';
import { type Action, type AnyModule, filesOfPrograms, type RunModule, type RunResult } from '../../modules/module.ts';
import { asOrchError, toDiagnostic } from '../steps/diagnostic.ts';
import { refuseAfterExact } from './after-exact.ts';
import { asUser, carryOutPlan, converge } from './converge.ts';
import { withFileFacts } from './file-facts.ts';
import { parseParams } from './params.ts';
import { abortReason } from './patience.ts';
import { noDiff, shownDiff } from './shown-diff.ts';
import type { ItemContext, ItemOutcome } from './task-context.ts';

/** Carries out one item of a task, whatever its module's form. Never throws: failures are outcomes. */
export async function runItem(module: AnyModule, paramsJson: string, context: ItemContext): Promise<ItemOutcome> {
  const outcome = await outcomeOf(module, paramsJson, context);
  const { check, promises } = context;
  const isOpen = outcome.status === Status.SKIPPED || outcome.status === Status.CHANGED;
  if (check && module.form === 'run' && isOpen) promises.add([filesOfPrograms]);
  if (module.tellsFile !== true) return outcome;
  // A failure is the task's own, whatever can be told of the file.
  return withFileFacts(outcome, context.view).catch((error: unknown) =>
    outcome.status === Status.FAILED ? outcome : failedOutcome(error),
  );
}

async function outcomeOf(module: AnyModule, paramsJson: string, context: ItemContext): Promise<ItemOutcome> {
  try {
    const params = await parseParams(module, paramsJson, context.view);
    if (context.asked.exact) refuseAfterExact(module, params, context.asked.all);
    context.asked.add({ module: module.name, params });
    const work = module.form === 'converge' ? converge(module, params, context) : run(module, params, context);
    return await context.untilGivenUp(work);
  } catch (error) {
    const isEnd = context.signal.aborted && error instanceof Error && error.name === 'AbortError';
    return failedOutcome(isEnd ? abortReason(context.signal) : error);
  }
}

function failedOutcome(error: unknown): ItemOutcome {
  const failure = asOrchError(error);
  return {
    status: Status.FAILED,
    result: { ...failure.result, changed: false, failed: true, msg: failure.summary },
    diagnostic: toDiagnostic(failure),
    warnings: [],
  };
}

async function run<P>(module: RunModule<P>, params: P, context: ItemContext): Promise<ItemOutcome> {
  if (context.check && module.checkMode === 'skip') {
    const msg = `remote module (${module.name}) does not support check mode`;
    return { status: Status.SKIPPED, result: { changed: false, skipped: true, msg }, warnings: [] };
  }
  const { signal, check, diff, output, jobs } = context;
  if (!check && module.checkMode === 'skip') context.safety.beforeCommand();
  // It may wait for what others do, or have them do it.
  context.host.forget();
  const apply = (action: Action) => context.host.apply(asUser(action, context.filesAs), signal);
  const around = { signal, check, diff, output, jobs, apply };
  const done = await module.run(params, context.view, around).finally(() => context.host.forget());
  const changes = done.plan !== undefined && (await carryOutPlan(done.plan, context));
  const isChanged = done.changed || changes;
  const failed = done.failed ?? false;
  const skipped = done.skipped ?? false;
  const result = {
    ...(done.message === undefined ? {} : { msg: done.message }),
    ...done.result,
    ...done.plan?.result,
    changed: isChanged,
    ...(failed ? { failed } : {}),
    ...(skipped ? { skipped } : {}),
  };
  const changed = isChanged ? Status.CHANGED : Status.OK;
  if (signal.aborted && failed) throw abortReason(signal);
  return {
    status: failed ? Status.FAILED : skipped ? Status.SKIPPED : changed,
    result,
    warnings: done.warnings ?? [],
    diff: context.diff ? toldDiff(done) : undefined,
    ...(failed ? { diagnostic: toDiagnostic(taskFailed(module.name, done.message)) } : {}),
  };
}

/** What its plan changes, or what it says itself. */
function toldDiff({ plan, diff }: RunResult): readonly Diff[] | undefined {
  return plan ? shownDiff(plan) : diff?.map((part) => ({ ...noDiff, ...part }));
}

function taskFailed(name: string, message: string | undefined): OrchError {
  return new OrchError({ code: 'task-failed', summary: message ?? `${name} failed.` });
}
