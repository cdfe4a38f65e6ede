import * as z from 'zod';
import { defineModule } from './module.ts';
import { planUnit, readUnit, type UnitWish } from './shared/systemd.ts';
import { taken } from './shared/taken.ts';
import { unitName } from './shared/unit-name.ts';

const fields = z.strictObject({
  name: unitName.describe('The service.'),
  state: z
    .enum(['started', 'stopped', 'restarted', 'reloaded'])
    .optional()
    .describe('restarted and reloaded act in each run.'),
  enabled: z.boolean().optional().describe('Started with the host.'),
  sleep: taken('systemd waits by itself'),
  pattern: taken('systemd knows what runs'),
  runlevel: taken('systemd has none'),
  arguments: taken('systemd passes none on'),
  use: z.enum(['auto', 'systemd']).default('auto').describe('What runs services: systemd.'),
});

function wish({ name, state, enabled }: z.infer<typeof fields>): UnitWish {
  return { name, object: `service ${name}`, state, enabled, options: [] };
}

export const module = defineModule({
  name: 'service',
  form: 'converge',
  summary: 'Starts, stops or enables a service of the host.',
  notes: 'On hosts that systemd runs. What it starts or enables, `orch destroy` stops or disables.',
  examples: ['service:\n  name: frr\n  state: started\n  enabled: true'],
  params: fields.superRefine(({ state, enabled }, context) => {
    if (state === undefined && enabled === undefined)
      context.addIssue({ code: 'custom', path: ['state'], message: 'say state or enabled' });
  }),
  aliases: { args: 'arguments' },
  repeats: ({ state }) => state === 'restarted' || state === 'reloaded',
  objects: ({ name }) => [`service ${name}`],
  read: (params, host) => readUnit(host, wish(params)),
  plan: (params, unit) => planUnit(wish(params), unit),
});
