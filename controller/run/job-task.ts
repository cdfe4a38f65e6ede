import { randomInt } from 'node:crypto';
import { settings as configured } from '../config/settings.ts';
import type { AgentLink } from './agent-link.ts';
import { type AgentCall, droppedOutcome, runOnAgent } from './agent-task.ts';
import { failedOutcome, type Outcome } from './outcome.ts';
import { numberSaid } from './settings.ts';
import type { TaskRun } from './task-run.ts';
import type { TaskScope } from './task-scope.ts';

/** What `async` and `poll` ask for. */
export interface JobAsked {
  /** Deadline. */
  readonly ms: number;
  /** Nobody waits for it. */
  readonly detached: boolean;
}

/** The `async` of a task; undefined without one. Throws OrchError or Pending. */
export function jobAsked({ task }: TaskRun, scope: TaskScope): JobAsked | undefined {
  const seconds = numberSaid(task.asyncSeconds, scope) ?? 0;
  if (!(seconds > 0)) return undefined;
  const poll = numberSaid(task.pollSeconds, scope) ?? configured().pollInterval;
  return { ms: Math.ceil(seconds * 1000), detached: poll === 0 };
}

/** A task as a job: waited for no longer than it may take, or begun in a lane of its own. */
export async function runAsJob(run: TaskRun, link: AgentLink, call: AgentCall, asked: JobAsked): Promise<Outcome> {
  const { walk, task, name } = run;
  const fail = (summary: string): Outcome => failedOutcome({ code: 'task-failed', summary, task: name, at: task.at });
  const ansible_job_id = `j${randomInt(1e12)}.${process.pid}`;
  const ids = { ansible_job_id, started: true };
  const timed = { ...call, timeoutMs: asked.ms };
  if (asked.detached) {
    const begun = runOnAgent(link, run, { ...timed, lane: `${call.host} ${ansible_job_id}`, job: ansible_job_id });
    walk.play.run.jobs.add(
      ansible_job_id,
      begun.then(([outcome = droppedOutcome]) => outcome),
    );
    return { status: 'changed', result: { ...ids, finished: false, changed: true, failed: false }, durationMs: 0 };
  }
  const [outcome = droppedOutcome] = await runOnAgent(link, run, timed);
  if (outcome.failure?.code === 'task-timeout') {
    const late = fail(`async task did not complete within the requested time - ${asked.ms / 1000}s`);
    return { ...late, result: { ...late.result, async_result: { ...ids, finished: false } } };
  }
  return { ...outcome, result: { ...outcome.result, ...ids, finished: true } };
}
