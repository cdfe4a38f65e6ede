import * as z from 'zod';
import { type Action, defineModule } from './module.ts';
import { planUnit, readUnit, type Unit, type UnitWish } from './shared/systemd.ts';
import { unitName } from './shared/unit-name.ts';

const fields = z.strictObject({
  name: unitName.optional().describe('The unit; without a suffix: the service.'),
  state: z
    .enum(['started', 'stopped', 'restarted', 'reloaded'])
    .optional()
    .describe('restarted and reloaded act in each run.'),
  enabled: z.boolean().optional().describe('Started with the host.'),
  masked: z.boolean().optional().describe('Cannot be started at all.'),
  daemon_reload: z.boolean().default(false).describe('Read the unit files anew first.'),
  daemon_reexec: z.boolean().default(false).describe('Start systemd itself anew first.'),
  scope: z.enum(['system', 'global']).default('system').describe("The host's units, or those of all users."),
  no_block: z.boolean().default(false).describe('Do not wait until it is done.'),
  force: z.boolean().default(false).describe('Replace links that are in the way.'),
});
type Params = z.infer<typeof fields>;

function wish(params: Params, name: string): UnitWish {
  const options = [
    ...(params.scope === 'system' ? [] : [`--${params.scope}`]),
    ...(params.no_block ? ['--no-block'] : []),
    ...(params.force ? ['--force'] : []),
  ];
  const { state, enabled, masked } = params;
  return { name, state, enabled, masked, options };
}

/** What concerns systemd itself; it is done each time and, as in Ansible, no change. */
function managerActions({ daemon_reload, daemon_reexec }: Params): Action[] {
  const verbs = [...(daemon_reload ? ['daemon-reload'] : []), ...(daemon_reexec ? ['daemon-reexec'] : [])];
  return verbs.map((verb) => ({ op: 'exec', command: { argv: ['systemctl', verb] } }));
}

export const module = defineModule({
  name: 'systemd',
  form: 'converge',
  summary: 'Starts, stops, enables or masks units of systemd.',
  notes: 'What it starts or enables, `orch destroy` stops or disables. daemon_reload is no change by itself.',
  examples: ['systemd:\n  name: frr\n  state: restarted\n  enabled: true\n  daemon_reload: true'],
  aliases: { service: 'name', unit: 'name', 'daemon-reload': 'daemon_reload', 'daemon-reexec': 'daemon_reexec' },
  params: fields.superRefine((params, context) => {
    const acts = params.state ?? params.enabled ?? params.masked;
    if (params.name === undefined && acts !== undefined)
      context.addIssue({ code: 'custom', path: ['name'], message: 'say the unit' });
    if (params.name === undefined && !params.daemon_reload && !params.daemon_reexec)
      context.addIssue({ code: 'custom', path: ['name'], message: 'say the unit, or daemon_reload' });
  }),
  repeats: ({ state, no_block }) => state === 'restarted' || state === 'reloaded' || no_block,
  objects: ({ name }) => (name === undefined ? [] : [`service ${name}`]),

  async read(params, host): Promise<Unit | undefined> {
    return params.name === undefined ? undefined : readUnit(host, wish(params, params.name));
  },

  plan(params, unit) {
    const asides = managerActions(params);
    if (params.name === undefined || unit === undefined) return { steps: [], asides, before: {}, after: {} };
    return { ...planUnit(wish(params, params.name), unit), asides };
  },
});
