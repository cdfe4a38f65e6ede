import * as z from 'zod';
import { OrchError } from '../../proto/errors.ts';
import type { Host } from '../linux/host.ts';
import { defineRunModule } from './module.ts';
import { runApt } from './shared/apt.ts';
import { aptFields } from './shared/apt-params.ts';
import { dnfFields } from './shared/dnf/fields.ts';
import { runDnf } from './shared/dnf/packages.ts';

/** What installs packages, by the program that the host has; apt first, as a Debian may have dnf too. */
const programs = { '/usr/bin/apt-get': 'apt', '/usr/bin/dnf5': 'dnf', '/usr/bin/dnf': 'dnf' } as const;

async function managerOf(host: Host): Promise<'apt' | 'dnf'> {
  for (const [path, manager] of Object.entries(programs)) if ((await host.stat(path)) !== undefined) return manager;
  throw new OrchError({
    code: 'unsupported-by-host',
    summary: 'The host has neither apt-get nor dnf.',
    hint: 'Its own program installs packages by command: apk add NAME, with creates: a file of the package.',
  });
}

/** Fields but for those that are this module's own. None need be given: what it is then says the module that it is passed on to. */
function passedOn(fields: Readonly<Record<string, z.ZodType>>): Record<string, z.ZodType> {
  const open = (field: z.ZodType) =>
    (field instanceof z.ZodDefault ? (field.unwrap() as z.ZodType).optional() : field.optional()).describe(
      field.description ?? '',
    );
  const others = Object.entries(fields).filter(([name]) => name !== 'name' && name !== 'state');
  return Object.fromEntries(others.map(([name, field]) => [name, open(field)]));
}

/** What is said, checked as the module that is used has it. Throws OrchError where that takes no such parameter. */
function takenBy<T>(manager: string, schema: z.ZodType<T>, said: Readonly<Record<string, unknown>>): T {
  const given = Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined));
  const read = schema.safeParse(given);
  if (read.success) return read.data;
  const unknown = read.error.issues.flatMap((issue) => (issue.code === 'unrecognized_keys' ? issue.keys : []));
  const summary =
    unknown.length > 0
      ? `Unsupported parameters for (${manager}) module: ${unknown.join(', ')}.`
      : `${manager} takes no "${read.error.issues[0]?.path.join('.')}" as it is given here.`;
  throw new OrchError({ code: 'invalid-parameter', summary, hint: `The host installs packages by ${manager}.` });
}

export const module = defineRunModule({
  name: 'package',
  form: 'run',
  checkMode: 'run',
  summary: "Installs, upgrades or removes packages by the host's own means.",
  notes:
    'As `apt` does, or `dnf` where the host has no apt; it takes what they take, and what only the other one takes fails. ' +
    '`orch destroy` leaves packages as they are.',
  examples: ['package:\n  name: frr\n  state: present'],
  params: z.strictObject({
    name: aptFields.name,
    state: z
      .enum(['present', 'installed', 'latest', 'absent', 'removed', 'build-dep', 'fixed'])
      .default('present')
      .describe('What is wanted of them.'),
    use: z.enum(['auto', 'apt', 'dnf', 'dnf4', 'dnf5', 'yum']).default('auto').describe('What installs packages.'),
    ...passedOn({ ...dnfFields, ...aptFields }),
  }),
  async run({ name: packages, state, use, ...said }, host, context) {
    const manager = use === 'auto' ? await managerOf(host) : use;
    if (manager === 'apt') {
      const wanted = ({ installed: 'present', removed: 'absent' } as Readonly<Record<string, string>>)[state] ?? state;
      const params = takenBy(manager, z.strictObject(aptFields), { ...said, name: packages, state: wanted });
      return runApt(params, host, context);
    }
    const name = typeof packages === 'string' ? packages.split(',').map((each) => each.trim()) : packages;
    const params = takenBy('dnf', z.strictObject(dnfFields), { use_backend: use, ...said, name, state });
    return runDnf(params, host, context);
  },
});
