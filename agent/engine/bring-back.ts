import { setTimeout as sleep } from 'node:timers/promises';
import { type Open, Status, type Task } from '../../proto/gen/orch/v1/agent.ts';
import type { KeptPlan, KeptTask, Restored } from './books/kept-plan.ts';
import { RunSession } from './run/run-session.ts';

/** What a lab stands on may come up later than the agent: what fails is tried again for so long. */
const patienceMs = 120_000;
const pauseMs = 2000;
const taskDeadlineMs = 60_000;

const holder = 'the agent, which brings it back after the start of the host';

type OpenRun = (open: Open) => Promise<RunSession | { readonly heldBy: string }>;

/**
 * Carries out again what is kept of a lab, after the host was started anew: in order, and those that fail again after a
 * pause. Undefined when there is nothing to bring back after all: a run before the start was not confirmed, or another
 * one has the lab, which brings it about itself.
 */
export async function bringBack(lab: string, plan: KeptPlan, openRun: OpenRun): Promise<Restored | undefined> {
  const run = `${new Date().toISOString().replace(/[:-]/g, '')}-start`;
  const session = await openRun({ lab, run, holder, waitMs: patienceMs });
  if (!(session instanceof RunSession)) return undefined;
  const outcomes = new Map<KeptTask, Outcome>();
  if (plan.due) await carryOut(plan.tasks, session, outcomes);
  const all = [...outcomes];
  const count = (status: Status) => all.filter(([, outcome]) => outcome.status === status).length;
  const failed = all.flatMap(([task, { message }]) => (message === '' ? [] : [`${named(task)}: ${message}`]));
  const restored = { run, whenMs: Date.now(), ok: count(Status.OK), changed: count(Status.CHANGED), failed };
  if (all.length > 0) plan.settle(restored);
  await session.close({ exit: failed.length === 0 ? 0 : 2, summaryJson: JSON.stringify(restored) });
  return all.length === 0 ? undefined : restored;
}

interface Outcome {
  readonly status: Status;
  /** Empty when it went well. */
  readonly message: string;
}

async function carryOut(
  tasks: readonly KeptTask[],
  session: RunSession,
  outcomes: Map<KeptTask, Outcome>,
): Promise<void> {
  const sent: KeptTask[] = [];
  const hear: Parameters<RunSession['attach']>[0]['send'] = (responses) => {
    for (const { message } of responses) {
      if (message?.$case !== 'itemDone') continue;
      const { task: id, status, diagnostic } = message.value;
      const task = sent[id - 1];
      const failed = status === Status.FAILED;
      if (task) outcomes.set(task, { status, message: failed ? (diagnostic?.summary ?? 'it failed') : '' });
    }
  };
  session.attach({ send: hear, end: () => undefined, full: false }, 0);
  const until = performance.now() + patienceMs;
  let pending = tasks;
  for (;;) {
    let part: number | undefined;
    for (const task of pending) {
      if (task.part !== part) await session.settled();
      part = task.part;
      session.context.asked.part = part;
      session.add(asTask(task, sent.push(task)));
    }
    await session.settled();
    pending = pending.filter((task) => outcomes.get(task)?.message !== '');
    if (pending.length === 0 || performance.now() > until) return;
    await sleep(pauseMs);
  }
}

function asTask({ module, paramsJson, runAs, environment, where, noLog, cwd }: KeptTask, id: number): Task {
  return {
    ...{ id, lane: '', batch: 0, module, items: [{ paramsJson }], runAs, environment, where, cwd },
    ...{ check: false, diff: false, noLog, keepGoing: true, persist: false, ahead: false, timeoutMs: taskDeadlineMs },
  };
}

function named({ module, where }: KeptTask): string {
  return where === '' ? module : `${module} (${where})`;
}
