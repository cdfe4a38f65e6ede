import * as z from 'zod';
import { defineModule } from './module.ts';
import { planScript, readScript } from './shared/init-script.ts';
import { actsAlways, pause, requireWish, scriptFields, serviceFields, stateIn } from './shared/service-params.ts';
import { taken } from './shared/taken.ts';

const fields = z.strictObject({
  ...serviceFields,
  ...scriptFields,
  state: stateIn('started', 'stopped', 'restarted', 'reloaded'),
  sleep: pause.default(1).describe('Seconds from stop to start.'),
  runlevels: z
    .array(z.string().regex(/^[0-6S]$/, 'is no level: 0 to 6, or S'))
    .optional()
    .describe('In these levels; else in those that the script names.'),
  daemonize: taken('what a script leaves behind is not waited for', z.boolean()),
});

export const module = defineModule({
  name: 'sysvinit',
  form: 'converge',
  slow: true,
  summary: 'Starts, stops or enables a service by its script in /etc/init.d.',
  notes: 'On hosts with update-rc.d, as Debian has it. What it starts or enables, `orch destroy` stops or disables.',
  examples: ['sysvinit:\n  name: frr\n  state: started\n  enabled: true\n  runlevels: ["3", "5"]'],
  params: fields.superRefine(requireWish),
  aliases: { service: 'name', args: 'arguments' },
  repeats: actsAlways,
  objects: ({ name }) => [`service ${name}`],
  read: (params, host) => readScript(host, params),
  plan: planScript,
});
