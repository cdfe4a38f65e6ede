import * as z from 'zod';
import { defineAction, walkOrders } from './action.ts';

export const action = defineAction({
  name: 'meta',
  summary: 'Give the run an order.',
  notes:
    '`flush_handlers` runs the notified handlers now. `clear_host_errors` takes failed hosts back in from the next play on, or from the end of the block whose `always` says it; those that could not be reached go on behind it, and are tried again by tasks that need them. `end_play`, `end_batch` and `end_host` end the play for all hosts, for the hosts of this batch, or for this host, without a failure; `end_role` ends the role around it for this host. `clear_facts` forgets the facts of all hosts of the play. `refresh_inventory` reads the inventory again, for the plays and tasks that follow. `reset_connection` and `noop` do nothing: connections take themselves up again.',
  examples: ['meta: flush_handlers'],
  params: z.strictObject({
    free_form: z.enum([...walkOrders, 'reset_connection', 'noop']).describe('The order.'),
  }),
  freeForm: 'free_form',
  local: true,
  run: async ({ free_form }) => ({
    status: 'ok',
    result: {},
    next: walkOrders.find((order) => order === free_form),
  }),
});
