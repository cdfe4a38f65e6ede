import * as z from 'zod';
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
    return { changed: false, result: { ping: params.data } };
  },
});
