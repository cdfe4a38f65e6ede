import * as z from 'zod';
import { OrchError } from '../../proto/errors.ts';
import { defineRunModule } from './module.ts';

export const module = defineRunModule({
  name: 'ping',
  form: 'run',
  checkMode: 'run',
  summary: 'Answers pong: the agent is there and works.',
  notes: 'No packet is sent by it; reachability is measured by `reach`.',
  examples: ['ping:', 'ping:\n  data: hello'],
  params: z.strictObject({
    data: z.string().max(65536).default('pong').describe('What to answer.'),
  }),
  async run(params) {
    // For those who try what a failing module does, as in Ansible.
    if (params.data === 'crash') throw new OrchError({ code: 'task-failed', summary: 'boom' });
    return { changed: false, result: { ping: params.data } };
  },
});
