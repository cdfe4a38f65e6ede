import * as z from 'zod';
import { defineModule } from './module.ts';
import { actsAlways, serviceFields, stateIn } from './shared/service-params.ts';
import { unitName } from './shared/unit-name.ts';
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
  name: unitName.optional().describe('The unit; without a suffix: the service.'),
  state: stateIn('reloaded', 'restarted', 'started', 'stopped'),
  enabled: serviceFields.enabled,
  ...unitFields,
});

export const module = defineModule({
  name: 'systemd',
  form: 'converge',
  slow: true,
  summary: 'Starts, stops, enables or masks units of systemd.',
  notes: 'What it starts or enables, `orch destroy` stops or disables. daemon_reload is no change by itself.',
  examples: ['systemd:\n  name: frr\n  state: restarted\n  enabled: true\n  daemon_reload: true'],
  aliases: { service: 'name', unit: 'name', ...unitAliases },
  params: fields.superRefine((params, context) => {
    const acts = params.state ?? params.enabled ?? params.masked;
    if (params.name === undefined && acts !== undefined)
      context.addIssue({ code: 'custom', path: ['name'], message: 'say the unit' });
    requireScope(params, context);
  }),
  repeats: (params) => actsAlways(params) || params.no_block,
  objects: ({ name }, { user }: CurrentUnit) => (name === undefined ? [] : [unitObject(name, user)]),
  read: readUnitTask,
  plan: planUnitTask,
});
