import * as z from 'zod';
import { defineRunModule } from './module.ts';
import { dnfFields } from './shared/dnf/fields.ts';
import { runDnf } from './shared/dnf/packages.ts';

export const module = defineRunModule({
  name: 'dnf',
  form: 'run',
  checkMode: 'run',
  summary: 'Installs, upgrades or removes packages of Fedora, Red Hat and their kin.',
  notes: 'By dnf(8), which check mode asks what it would do. `orch destroy` leaves packages as they are.',
  examples: ['dnf:\n  name: [frr, iperf3]', 'dnf:\n  name: ["*"]\n  state: latest'],
  aliases: { pkg: 'name', 'expire-cache': 'update_cache' },
  params: z.strictObject(dnfFields).superRefine(({ autoremove, state }, context) => {
    if (autoremove && state !== undefined && state !== 'absent' && state !== 'removed')
      context.addIssue({ code: 'custom', path: ['autoremove'], message: 'goes alone or with state: absent' });
  }),
  run: runDnf,
});
