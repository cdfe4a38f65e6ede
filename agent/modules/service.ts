import * as z from 'zod';
import { defineModule } from './module.ts';
import { planScript, readScript, type ScriptState } from './shared/init-script.ts';
import { planUnit, readUnit, runBySystemd, type Unit, type UnitWish } from './shared/systemd.ts';
import { taken } from './shared/taken.ts';
import { unitName } from './shared/unit-name.ts';

const fields = z.strictObject({
  name: unitName.describe('The service.'),
  state: z
    .enum(['started', 'stopped', 'reloaded', 'restarted'])
    .optional()
    .describe('restarted and reloaded act in each run.'),
  enabled: z.boolean().optional().describe('Started with the host.'),
  sleep: z.int().min(0).max(50).optional().describe('Seconds from stop to start, where a script runs it.'),
  pattern: z.string().optional().describe('In a line of ps while it runs, where its script can not be asked.'),
  runlevel: taken('only OpenRC has them'),
  arguments: z.string().optional().describe('Said to its script.'),
  use: z
    .enum(['auto', 'systemd', 'sysvinit', 'service'])
    .default('auto')
    .describe(
      'What runs services: systemd, or scripts in /etc/init.d; auto and service: systemd where it runs the host.',
    ),
});
type Params = z.infer<typeof fields>;

type Current = { readonly unit: Unit } | { readonly script: ScriptState };

function unitWish({ name, state, enabled }: Params): UnitWish {
  return { name, object: `service ${name}`, state, enabled, options: [] };
}

export const module = defineModule({
  name: 'service',
  form: 'converge',
  summary: 'Starts, stops or enables a service of the host.',
  notes:
    'Of systemd, or, where that does not run the host (containers), of a script in /etc/init.d. What it starts or enables, `orch destroy` stops or disables.',
  examples: ['service:\n  name: frr\n  state: started\n  enabled: true'],
  params: fields.superRefine(({ state, enabled }, context) => {
    if (state === undefined && enabled === undefined)
      context.addIssue({ code: 'custom', path: ['state'], message: 'say state or enabled' });
  }),
  aliases: { args: 'arguments' },
  repeats: ({ state }) => state === 'restarted' || state === 'reloaded',
  objects: ({ name }) => [`service ${name}`],
  async read(params, host): Promise<Current> {
    const systemd = params.use === 'systemd' || (params.use !== 'sysvinit' && (await runBySystemd(host)));
    return systemd ? { unit: await readUnit(host, unitWish(params)) } : { script: await readScript(host, params) };
  },
  plan: (params, current) =>
    'unit' in current ? planUnit(unitWish(params), current.unit) : planScript(params, current.script),
});
