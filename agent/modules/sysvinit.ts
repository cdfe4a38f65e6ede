import * as z from 'zod';
import { defineModule } from './module.ts';
import { planScript, readScript } from './shared/init-script.ts';
import { taken } from './shared/taken.ts';
import { unitName } from './shared/unit-name.ts';

const fields = z.strictObject({
  name: unitName.describe('The service.'),
  state: z
    .enum(['started', 'stopped', 'restarted', 'reloaded'])
    .optional()
    .describe('restarted and reloaded act in each run.'),
  enabled: z.boolean().optional().describe('Started with the host.'),
  runlevels: z
    .array(z.string().regex(/^[0-6S]$/, 'is no level: 0 to 6, or S'))
    .optional()
    .describe('In these levels; else in those that the script names.'),
  sleep: z.int().min(0).max(50).default(1).describe('Seconds from stop to start.'),
  pattern: z.string().optional().describe('In a line of ps while it runs, where its script can not be asked.'),
  arguments: z.string().optional().describe('Said to its script.'),
  daemonize: taken('what a script leaves behind is not waited for'),
});

export const module = defineModule({
  name: 'sysvinit',
  form: 'converge',
  summary: 'Starts, stops or enables a service by its script in /etc/init.d.',
  notes: 'On hosts with update-rc.d, as Debian has it. What it starts or enables, `orch destroy` stops or disables.',
  examples: ['sysvinit:\n  name: frr\n  state: started\n  enabled: true\n  runlevels: ["3", "5"]'],
  params: fields.superRefine(({ state, enabled }, context) => {
    if (state === undefined && enabled === undefined)
      context.addIssue({ code: 'custom', path: ['state'], message: 'say state or enabled' });
  }),
  aliases: { service: 'name', args: 'arguments' },
  repeats: ({ state }) => state === 'restarted' || state === 'reloaded',
  objects: ({ name }) => [`service ${name}`],
  read: (params, host) => readScript(host, params),
  plan: planScript,
});
