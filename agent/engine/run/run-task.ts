import { OrchError } from '../../../proto/errors.ts';
import { exactJson } from '../../../proto/exact-json.ts';
import { type ItemDone, type RunResponse, Status, type Task } from '../../../proto/gen/orch/v1/agent.ts';
import type { ActingHost } from '../../linux/acting-host.ts';
import { Spool } from '../../linux/files/spool.ts';
import type { AnyModule } from '../../modules/module.ts';
import { Promises } from '../check/promises.ts';
import { censored, toDiagnostic } from '../steps/diagnostic.ts';
import { turnOfOthers } from '../steps/in-turns.ts';
import { Deadline } from './deadline.ts';
import { Foresight } from './foresight.ts';
import { runItem } from './run-item.ts';
import type { ItemOutcome, RunContext } from './task-context.ts';
import { TaskFiles } from './task-files.ts';
import { TaskHost } from './task-host.ts';

/** Results beyond this would not fit into one message of the controller. */
const maxResultBytes = 24 * 1024 * 1024;

/** Items that are done without waiting keep others waiting for so long. */
const longestTurnNs = 5_000_000n;

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
  const deadline = new Deadline(task, module, cancel);
  const diff = task.diff && !task.noLog;
  const runAs = task.runAs === '' ? undefined : task.runAs;
  const filesAs = module?.asUser === true && !isOther(context.host, task.runAs) ? runAs : undefined;
  const files = filesAs === undefined ? context.host : new TaskFiles(context.host, filesAs);
  const owner = async () => (filesAs === undefined ? undefined : context.host.user(filesAs));
  const spool = new Spool(owner, () => deadline.again());
  const view = new TaskHost(context.host, {
    spool,
    bring: (id, take) =>
      context.arrivals.bring(id, take, deadline.signal, () => emit({ $case: 'wanted', value: { task: task.id, id } })),
    runAs,
    environment: task.environment,
    cwd: task.cwd,
    // What a task in check mode would have made is not there for one that is carried out.
    promises: task.check ? context.promises : new Promises(),
    kernel: task.check ? context.kernel : undefined,
    files: task.check ? context.imagined.over(files, filesAs !== undefined) : files,
    asked: context.asked,
    owns: (object) => context.store.ledger(context.lab).owns(object),
  });
  const foresight = task.check || module?.form !== 'converge' ? undefined : new Foresight(module, task.items, view);
  // What is spread comes last: V8 takes microseconds for each name that is added to it.
  const shared = { view, filesAs, foresight, check: task.check, where: task.where, diff, ...context };
  // Not by `performance`, for which Node would load ten modules more.
  const now = process.hrtime.bigint;
  let lastTurn = now();
  for (const [item, { paramsJson }] of task.items.entries()) {
    // A loop over sysctls of the host waits for nothing.
    if (now() - lastTurn > longestTurnNs) {
      await turnOfOthers();
      lastTurn = now();
    }
    if (item > 0) deadline.next();
    const began = now();
    const output = (chunk: Buffer, stderr: boolean) => {
      if (!task.noLog) emit({ $case: 'output', value: { task: task.id, item, stderr, chunk } });
    };
    const outcome: ItemOutcome =
      module === undefined
        ? unknownModule(task.module)
        : isOther(context.host, task.runAs)
          ? notRoot(task.runAs)
          : await runItem(module, paramsJson, {
              ...{ output, item, signal: deadline.signal, untilGivenUp: deadline.untilGivenUp },
              persist: task.persist ? keeping(task, paramsJson, context) : undefined,
              ...shared,
            });
    const done = itemDone(task, item, outcome, Number(now() - began) / 1e6);
    statuses.push(done.status);
    if (task.job !== undefined)
      context.jobs.keep(task.job, { failed: done.status === Status.FAILED, result: outcome.result });
    emit({ $case: 'itemDone', value: done });
  }
  foresight?.end({ ledger: context.store.ledger(context.lab), journal: context.journal });
  deadline.clear();
  await spool.remove();
  const status = worst(statuses);
  emit({ $case: 'taskDone', value: { task: task.id, status } });
  return status;
}

/** Notes a wish that has come true; check mode only asks whether it could be kept. */
function keeping(task: Task, paramsJson: string, { wishes }: RunContext): (objects: readonly string[]) => void {
  return (objects) => {
    if (!task.check) wishes.add(task, paramsJson, objects);
  };
}

function itemDone(task: Task, item: number, outcome: ItemOutcome, ms: number): ItemDone {
  const { status, resultJson, diagnostic, warnings, diff = [] } = fitting(outcome);
  return {
    task: task.id,
    item,
    status,
    resultJson,
    diff: diff[0],
    moreDiffs: diff.slice(1),
    diagnostic: diagnostic !== undefined && task.noLog ? censored(diagnostic) : diagnostic,
    warnings: [...warnings],
    durationUs: Math.round(ms * 1000),
  };
}

/** The outcome with its result as text; one that cannot be sent is a failure. */
function fitting(outcome: ItemOutcome): ItemOutcome & { readonly resultJson: string } {
  const resultJson = asJson(outcome.result);
  if (resultJson !== undefined) return { resultJson, ...outcome };
  const summary = 'The result is too large, or no plain data, and cannot be sent.';
  const result = { changed: outcome.status === Status.CHANGED, failed: true, msg: summary };
  const diagnostic = toDiagnostic(new OrchError({ code: 'task-failed', summary }));
  return { ...outcome, status: Status.FAILED, result, resultJson: JSON.stringify(result), diagnostic };
}

/** Undefined when it is too large, or has what JSON cannot say (cycles). */
function asJson(result: unknown): string | undefined {
  try {
    const text = exactJson(result);
    return Buffer.byteLength(text) <= maxResultBytes ? text : undefined;
  } catch {
    return undefined;
  }
}

function worst(statuses: readonly Status[]): Status {
  for (const status of [Status.FAILED, Status.CHANGED, Status.OK]) if (statuses.includes(status)) return status;
  return statuses.length === 0 ? Status.OK : Status.SKIPPED;
}

/** Whether an agent that is no root's is asked to act as somebody else. */
function isOther({ onlyAs }: Pick<ActingHost, 'onlyAs'>, user: string): boolean {
  return onlyAs !== undefined && user !== onlyAs;
}

function notRoot(user: string): ItemOutcome {
  const summary = `The agent is not root's, and can't become ${user || 'root'}.`;
  const hint = 'Say become in the playbook itself, or -b: the agent is then started by sudo.';
  return {
    status: Status.FAILED,
    result: { changed: false, failed: true, msg: summary },
    diagnostic: toDiagnostic(new OrchError({ code: 'become-failed', summary, hint })),
    warnings: [],
  };
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
