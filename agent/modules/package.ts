import * as z from 'zod';
import { OrchError } from '../../proto/errors.ts';
import type { Host } from '../linux/host.ts';
import { defineRunModule } from './module.ts';
import { aptFields, runApt } from './shared/apt.ts';
import { dnfFields } from './shared/dnf/fields.ts';
import { runDnf } from './shared/dnf/packages.ts';

const { name } = aptFields;
const aptDefaults = z.strictObject(aptFields);
const dnfDefaults = z.strictObject(dnfFields);

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

export const module = defineRunModule({
  name: 'package',
  form: 'run',
  checkMode: 'run',
  summary: "Installs, upgrades or removes packages by the host's own means.",
  notes: 'As `apt` does, or `dnf` where the host has no apt. `orch destroy` leaves packages as they are.',
  examples: ['package:\n  name: frr\n  state: present'],
  params: z.strictObject({
    name,
    state: z
      .enum(['present', 'installed', 'latest', 'absent', 'removed'])
      .default('present')
      .describe('What is wanted of them.'),
    use: z.enum(['auto', 'apt', 'dnf', 'dnf4', 'dnf5', 'yum']).default('auto').describe('What installs packages.'),
  }),
  async run({ name: packages, state, use }, host, context) {
    const wanted = (
      { installed: 'present', removed: 'absent', present: 'present', latest: 'latest', absent: 'absent' } as const
    )[state];
    const manager = use === 'auto' ? await managerOf(host) : use;
    if (manager === 'apt') return runApt(aptDefaults.parse({ name: packages, state: wanted }), host, context);
    const named = typeof packages === 'string' ? [packages] : packages;
    return runDnf(dnfDefaults.parse({ name: named, state: wanted, use_backend: use }), host, context);
  },
});
