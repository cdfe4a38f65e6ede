import * as z from 'zod';
import { defineRunModule } from './module.ts';
import { runApt } from './shared/apt.ts';
import { aptFields, namesOf } from './shared/apt-params.ts';
import { refuseTogether } from './shared/relations.ts';

export const module = defineRunModule({
  name: 'apt',
  form: 'run',
  checkMode: 'run',
  summary: 'Installs, upgrades or removes packages of Debian and Ubuntu.',
  notes: 'By apt-get(8). Check mode asks it what it would do. `orch destroy` leaves packages as they are.',
  examples: [
    'apt:\n  name: [frr, iperf3]\n  update_cache: true\n  cache_valid_time: 3600',
    'apt:\n  name: frr\n  state: absent\n  purge: true',
  ],
  aliases: {
    ...{ package: 'name', pkg: 'name', 'update-cache': 'update_cache', 'default-release': 'default_release' },
    ...{ 'install-recommends': 'install_recommends', 'allow-unauthenticated': 'allow_unauthenticated' },
    ...{
      'allow-downgrade': 'allow_downgrade',
      allow_downgrades: 'allow_downgrade',
      'allow-downgrades': 'allow_downgrade',
    },
  },
  params: z.strictObject(aptFields).superRefine((params, context) => {
    const { deb, upgrade } = params;
    const said = { deb, name: namesOf(params)[0], upgrade: upgrade === 'no' ? undefined : upgrade };
    refuseTogether(said, ['deb', 'name', 'upgrade'], context);
  }),
  run: runApt,
});
