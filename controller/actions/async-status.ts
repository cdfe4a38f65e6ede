import * as z from 'zod';
import { type ActionResult, defineAction } from './action.ts';
import { noOutput } from './shared/no-output.ts';

export const action = defineAction({
  name: 'async_status',
  summary: 'What a task with `async` and `poll: 0` has come to.',
  notes:
    '`finished` is false while the job goes on. A job of a run that has ended is known as long as the agent stays on the host.',
  examples: ['async_status:\n  jid: "{{ job.ansible_job_id }}"'],
  params: z.strictObject({
    jid: z.string().describe('The job: `ansible_job_id` of what the task registered.'),
    mode: z.enum(['cleanup', 'status']).default('status').describe('`cleanup` forgets the job.'),
  }),
  run: async ({ jid, mode }, { jobs, agent }): Promise<ActionResult> => {
    const ids = { ansible_job_id: jid };
    const isOwn = jobs.has(jid);
    // The agent keeps all that have ended, for later runs.
    const kept = isOwn && mode === 'status' ? undefined : await agent('job_result', { jid, mode });
    if (!isOwn && kept && (kept.status === 'failed' || mode === 'status')) {
      return { ...kept, result: { ...noOutput, ...kept.result, ...ids, started: true, finished: true } };
    }
    if (mode === 'cleanup') {
      jobs.forget(jid);
      return { status: 'ok', result: { ...ids, ...noOutput, started: false, finished: false, erased: jid } };
    }
    const ended = jobs.outcome(jid);
    if (!ended) return { status: 'ok', result: { ...ids, ...noOutput, started: true, finished: false } };
    const { status, message, result, failure } = ended;
    const whole = { ...noOutput, ...result, ...ids, started: true, finished: true };
    if (status === 'unreachable' || status === 'dropped') {
      return { status: 'failed', message: message ?? 'the job was ended', result: whole, failure };
    }
    return { status, message, result: whole, failure };
  },
});
