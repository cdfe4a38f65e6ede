import * as z from 'zod';
import type { Host } from '../linux/host.ts';
import { defineModule } from './module.ts';
import { planScript, readScript, type ScriptState } from './shared/init-script.ts';
import { taskFailed } from './shared/programs.ts';
import { actsAlways, pause, scriptFields, serviceFields, stateIn } from './shared/service-params.ts';
import { runBySystemd } from './shared/systemd.ts';
import { taken } from './shared/taken.ts';
import {
  type CurrentUnit,
  planUnitTask,
  readUnitTask,
  requireScope,
  unitAliases,
  unitFields,
  unitObject,
} from './shared/unit-task.ts';

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
  ...unitFields,
});
type Params = z.infer<typeof fields>;

type Current = CurrentUnit | { readonly script: ScriptState };

/** Refuses what only systemd knows, and a task that asks for nothing, as the module for scripts does in Ansible. */
function requireScriptWish(params: Params): void {
  const { state, enabled, masked, scope } = params;
  const others = [
    ...(['daemon_reload', 'daemon_reexec', 'no_block', 'force'] as const).filter((name) => params[name]),
    ...(masked === undefined ? [] : ['masked']),
    ...(scope === 'system' ? [] : ['scope']),
  ];
  if (others.length > 0) throw taskFailed(`Unsupported parameters for (sysvinit) module: ${others.join(', ')}.`);
  if (state === undefined && enabled === undefined)
    throw taskFailed('one of the following is required: state, enabled');
}

async function read(params: Params, host: Host): Promise<Current> {
  const systemd = params.use === 'systemd' || (params.use !== 'sysvinit' && (await runBySystemd(host)));
  if (systemd) return readUnitTask(params, host);
  requireScriptWish(params);
  return { script: await readScript(host, params) };
}

export const module = defineModule({
  name: 'service',
  form: 'converge',
  slow: true,
  summary: 'Starts, stops or enables a service of the host.',
  notes:
    'Of systemd, whose parameters it takes, too, or, where that does not run the host (containers), of a script in /etc/init.d. What it starts or enables, `orch destroy` stops or disables.',
  examples: ['service:\n  name: frr\n  state: started\n  enabled: true'],
  params: fields.superRefine(requireScope),
  aliases: { args: 'arguments', ...unitAliases },
  repeats: (params) => actsAlways(params) || params.no_block,
  objects: ({ name }, current: Current) => [unitObject(name, 'script' in current ? undefined : current.user)],
  read,
  plan: (params, current) => ('script' in current ? planScript(params, current.script) : planUnitTask(params, current)),
});
