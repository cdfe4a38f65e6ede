import * as z from 'zod';
import { printedText } from '../template/python/text.ts';
import { defineAction } from './action.ts';

export const action = defineAction({
  name: 'fail',
  summary: 'Fail with a message.',
  examples: ['fail:\n  msg: "{{ inventory_hostname }} has no uplink"'],
  params: z.strictObject({
    msg: z.unknown().optional().describe('Why; default "Failed as requested from task".'),
  }),
  local: true,
  run: async ({ msg = 'Failed as requested from task' }) => ({
    status: 'failed',
    message: printedText(msg),
    result: { msg },
  }),
});
