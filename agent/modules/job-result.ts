import * as z from 'zod';
import { defineRunModule } from './module.ts';

/** What `async_status` asks where the job is none of its own run; no task names it. */
export const module = defineRunModule({
  name: 'job_result',
  form: 'run',
  checkMode: 'run',
  summary: 'What a job of a run before has come to.',
  examples: [],
  params: z.strictObject({
    jid: z.string().describe('The job.'),
    mode: z.enum(['cleanup', 'status']).describe('What is done with it.'),
  }),
  async run({ jid, mode }, _host, { jobs }) {
    const ended = jobs?.get(jid);
    if (ended === undefined) return { changed: false, failed: true, message: 'could not find job', result: {} };
    if (mode === 'cleanup') {
      jobs?.forget(jid);
      return { changed: false, result: {} };
    }
    const { changed, ...result } = ended.result;
    return { changed: changed === true, failed: ended.failed, result };
  },
});
