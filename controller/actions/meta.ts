import * as z from 'zod';
import { defineAction } from './action.ts';

const orders = ['flush_handlers', 'clear_host_errors', 'end_play', 'end_batch', 'end_host', 'clear_facts'] as const;

const refused: Readonly<Record<string, string>> = {
  refresh_inventory: 'refresh_inventory is not supported: the inventory is read once, before any host is contacted',
};

export const action = defineAction({
  name: 'meta',
  summary: 'Give the run an order.',
  notes:
    '`flush_handlers` runs the notified handlers now. `clear_host_errors` takes failed hosts back in from the next play on. `end_play`, `end_batch` and `end_host` end the play for all hosts, for the hosts of this batch, or for this host, without a failure. `clear_facts` forgets the facts of the host. `reset_connection` and `noop` do nothing: connections take themselves up again.',
  examples: ['meta: flush_handlers'],
  params: z.strictObject({
    free_form: z
      .enum([...orders, 'reset_connection', 'noop'], {
        error: ({ input }) => (typeof input === 'string' ? refused[input] : undefined),
      })
      .describe('The order.'),
  }),
  freeForm: 'free_form',
  local: true,
  run: async ({ free_form }) => ({
    status: 'ok',
    result: {},
    next: orders.find((order) => order === free_form),
  }),
});
