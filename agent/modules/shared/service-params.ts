import * as z from 'zod';
import { unitName } from './unit-name.ts';

type State = 'started' | 'stopped' | 'restarted' | 'reloaded';

/** The state that is wished; choices are told in this order, which is Ansible's of the module. */
export function stateIn(...order: readonly State[]) {
  return z.enum(order).optional().describe('restarted and reloaded act in each run.');
}

/** What the modules for services have in common. */
export const serviceFields = {
  name: unitName.describe('The service.'),
  enabled: z.boolean().optional().describe('Started with the host.'),
};

/** What the modules for services that a script may run have beside that. */
export const scriptFields = {
  pattern: z.string().optional().describe('In a line of ps while it runs, where its script can not be asked.'),
  arguments: z.string().optional().describe('Said to its script.'),
};

export const pause = z.int().min(0).max(50);

type Params = { readonly [key in 'state' | 'enabled']?: unknown };

/** Refuses a task that asks for nothing. */
export function requireWish({ state, enabled }: Params, context: z.RefinementCtx): void {
  if (state === undefined && enabled === undefined)
    context.addIssue({ code: 'custom', path: ['state'], message: 'say state or enabled' });
}

/** Whether a task acts in each run. */
export function actsAlways({ state }: Params): boolean {
  return state === 'restarted' || state === 'reloaded';
}
