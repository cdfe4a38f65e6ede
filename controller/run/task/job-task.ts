import { randomInt } from 'node:crypto';
import { noOutput } from '../../actions/shared/no-output.ts';
import { settings as configured } from '../../config/settings.ts';
import type { AgentLink } from '../hosts/agent-link.ts';
import { type AgentCall, droppedOutcome, runOnAgent } from './agent-task.ts';
import { taskNamed } from './finish.ts';
import { failedOutcome, type Outcome } from './outcome.ts';
import { numberSaid } from './settings.ts';
import type { TaskRun } from './task-run.ts';
import type { TaskScope } from './task-scope.ts';

/** What `async` and `poll` ask for. */
export interface JobAsked {
  /** Deadline. */
  readonly ms: number;
  /** How often it is told that it goes on; 0: nobody waits for it. */
  readonly pollMs: number;
}

/** The `async` of a task; undefined without one. Throws OrchError or Pending. */
export function jobAsked({ task }: TaskRun, scope: TaskScope): JobAsked | undefined {
  const seconds = numberSaid(task.asyncSeconds, scope) ?? 0;
  if (!(seconds > 0)) return undefined;
  const poll = numberSaid(task.pollSeconds, scope) ?? configured().pollInterval;
  return { ms: Math.ceil(seconds * 1000), pollMs: poll * 1000 };
}

/** A task as a job: waited for no longer than it may take, or begun in a lane of its own. */
export async function runAsJob(run: TaskRun, link: AgentLink, call: AgentCall, asked: JobAsked): Promise<Outcome> {
  const { walk, task, name } = run;
  const fail = (summary: string): Outcome => failedOutcome({ code: 'task-failed', summary, task: name, at: task.at });
  const ansible_job_id = `j${randomInt(1e12)}.${process.pid}`;
  const ids = { ansible_job_id, started: true };
  const timed = { ...call, timeoutMs: asked.ms };
  if (asked.pollMs === 0) {
    const begun = runOnAgent(link, run, { ...timed, lane: `${call.host} ${ansible_job_id}`, job: ansible_job_id });
    walk.play.run.jobs.add(
      ansible_job_id,
      begun.then(([outcome = droppedOutcome]) => outcome),
    );
    return { status: 'changed', result: { ...ids, finished: false, changed: true, failed: false }, durationMs: 0 };
  }
  const say = (word: string, more = ''): void => {
    const text = `ASYNC ${word} on ${walk.host}: jid=${ansible_job_id}${more}`;
    walk.play.run.emit({ type: 'task-says', ...taskNamed(run), text });
  };
  const polls = setInterval(() => say('POLL', ' started=True finished=False'), asked.pollMs);
  const [outcome = droppedOutcome] = await runOnAgent(link, run, timed).finally(() => clearInterval(polls));
  if (outcome.status === 'dropped' || outcome.status === 'unreachable') return outcome;
  say(outcome.status === 'failed' ? 'FAILED' : 'OK');
  if (outcome.failure?.code === 'task-timeout') {
    const late = fail(`async task did not complete within the requested time - ${asked.ms / 1000}s`);
    return { ...late, result: { ...late.result, async_result: { ...noOutput, ...ids, finished: false } } };
  }
  return { ...outcome, result: { ...noOutput, ...outcome.result, ...ids, finished: true } };
}
