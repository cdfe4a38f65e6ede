import * as z from 'zod';
import { type Action, defineModule } from './module.ts';
import { actsAlways, serviceFields, stateIn } from './shared/service-params.ts';
import { planUnit, readUnit, type Unit, type UnitWish } from './shared/systemd.ts';
import { unitName } from './shared/unit-name.ts';

const fields = z.strictObject({
  name: unitName.optional().describe('The unit; without a suffix: the service.'),
  state: stateIn('reloaded', 'restarted', 'started', 'stopped'),
  enabled: serviceFields.enabled,
  masked: z.boolean().optional().describe('Cannot be started at all.'),
  daemon_reload: z.boolean().default(false).describe('Read the unit files anew first.'),
  daemon_reexec: z.boolean().default(false).describe('Start systemd itself anew first.'),
  scope: z
    .enum(['system', 'user', 'global'])
    .default('system')
    .describe("The host's units, those of the task's user, whose manager must run, or for all users."),
  no_block: z.boolean().default(false).describe('Do not wait until it is done.'),
  force: z.boolean().default(false).describe('Replace links that are in the way.'),
});
type Params = z.infer<typeof fields>;

interface Current {
  /** Whose manager is asked; undefined: the host's. */
  readonly user: string | undefined;
  readonly unit: Unit | undefined;
}

function objectOf(name: string, user: string | undefined): string {
  return user === undefined ? `service ${name}` : `service ${user}/${name}`;
}

/** A user's manager is reached from outside of the user's sessions, where nothing says where its socket is. */
function managerOptions({ scope }: Params, user: string | undefined): readonly string[] {
  if (user !== undefined) return ['--user', `--machine=${user}@.host`];
  return scope === 'global' ? ['--global'] : [];
}

function wish(params: Params, user: string | undefined, name: string): UnitWish {
  const options = [
    ...managerOptions(params, user),
    ...(params.no_block ? ['--no-block'] : []),
    ...(params.force ? ['--force'] : []),
  ];
  const { state, enabled, masked } = params;
  return { name, object: objectOf(name, user), state, enabled, masked, options };
}

/** What concerns systemd itself; it is done each time and, as in Ansible, no change. */
function managerActions(params: Params, user: string | undefined): Action[] {
  const verbs = [
    ...(params.daemon_reload ? ['daemon-reload'] : []),
    ...(params.daemon_reexec ? ['daemon-reexec'] : []),
  ];
  const options = user === undefined ? [] : managerOptions(params, user);
  return verbs.map((verb) => ({ op: 'exec', command: { argv: ['systemctl', ...options, verb] } }));
}

export const module = defineModule({
  name: 'systemd',
  form: 'converge',
  slow: true,
  summary: 'Starts, stops, enables or masks units of systemd.',
  notes: 'What it starts or enables, `orch destroy` stops or disables. daemon_reload is no change by itself.',
  examples: ['systemd:\n  name: frr\n  state: restarted\n  enabled: true\n  daemon_reload: true'],
  aliases: { service: 'name', unit: 'name', 'daemon-reload': 'daemon_reload', 'daemon-reexec': 'daemon_reexec' },
  params: fields.superRefine((params, context) => {
    const acts = params.state ?? params.enabled ?? params.masked;
    if (params.name === undefined && acts !== undefined)
      context.addIssue({ code: 'custom', path: ['name'], message: 'say the unit' });
    if (params.scope === 'global' && params.state !== undefined)
      context.addIssue({ code: 'custom', path: ['state'], message: 'of units for all users is nothing: say enabled' });
    if (params.name === undefined && !params.daemon_reload && !params.daemon_reexec)
      context.addIssue({ code: 'custom', path: ['name'], message: 'say the unit, or daemon_reload' });
  }),
  repeats: (params) => actsAlways(params) || params.no_block,
  objects: ({ name }, { user }: Current) => (name === undefined ? [] : [objectOf(name, user)]),

  async read(params, host): Promise<Current> {
    const user = params.scope === 'user' ? (host.runAs ?? 'root') : undefined;
    return {
      user,
      unit: params.name === undefined ? undefined : await readUnit(host, wish(params, user, params.name)),
    };
  },

  plan(params, { user, unit }) {
    const asides = managerActions(params, user);
    if (params.name === undefined || unit === undefined) return { steps: [], asides, before: {}, after: {} };
    return { ...planUnit(wish(params, user, params.name), unit), asides };
  },
});
