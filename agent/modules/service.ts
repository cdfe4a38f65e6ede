import * as z from 'zod';
import { defineModule } from './module.ts';
import { planScript, readScript, type ScriptState } from './shared/init-script.ts';
import { actsAlways, pause, requireWish, scriptFields, serviceFields, stateIn } from './shared/service-params.ts';
import { planUnit, readUnit, runBySystemd, type Unit, type UnitWish } from './shared/systemd.ts';
import { taken } from './shared/taken.ts';

const fields = z.strictObject({
  ...serviceFields,
  ...scriptFields,
  state: stateIn('started', 'stopped', 'reloaded', 'restarted'),
  sleep: pause.optional().describe('Seconds from stop to start, where a script runs it.'),
  runlevel: taken('only OpenRC has them'),
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
  slow: true,
  summary: 'Starts, stops or enables a service of the host.',
  notes:
    'Of systemd, or, where that does not run the host (containers), of a script in /etc/init.d. What it starts or enables, `orch destroy` stops or disables.',
  examples: ['service:\n  name: frr\n  state: started\n  enabled: true'],
  params: fields.superRefine(requireWish),
  aliases: { args: 'arguments' },
  repeats: actsAlways,
  objects: ({ name }) => [`service ${name}`],
  async read(params, host): Promise<Current> {
    const systemd = params.use === 'systemd' || (params.use !== 'sysvinit' && (await runBySystemd(host)));
    return systemd ? { unit: await readUnit(host, unitWish(params)) } : { script: await readScript(host, params) };
  },
  plan: (params, current) =>
    'unit' in current ? planUnit(unitWish(params), current.unit) : planScript(params, current.script),
});
