import * as z from 'zod';
import { OrchError } from '../../proto/errors.ts';
import { defineRunModule } from './module.ts';
import { aptFields, runApt } from './shared/apt.ts';

const { name } = aptFields;
const defaults = z.strictObject(aptFields);

export const module = defineRunModule({
  name: 'package',
  form: 'run',
  checkMode: 'run',
  summary: "Installs, upgrades or removes packages by the host's own means.",
  notes: 'Hosts with apt: as `apt` does. `orch destroy` leaves packages as they are.',
  examples: ['package:\n  name: frr\n  state: present'],
  params: z.strictObject({
    name,
    state: z
      .enum(['present', 'installed', 'latest', 'absent', 'removed'])
      .default('present')
      .describe('What is wanted of them.'),
    use: z.enum(['auto', 'apt']).default('auto').describe('What installs packages.'),
  }),
  async run({ name: packages, state }, host, context) {
    if ((await host.stat('/usr/bin/apt-get')) === undefined) {
      throw new OrchError({
        code: 'unsupported-by-host',
        summary: 'The host has no apt-get.',
        hint: 'Packages of other hosts are installed by command: dnf install -y NAME.',
      });
    }
    const wanted = {
      installed: 'present',
      removed: 'absent',
      present: 'present',
      latest: 'latest',
      absent: 'absent',
    } as const;
    return runApt(defaults.parse({ name: packages, state: wanted[state] }), host, context);
  },
});
