import * as z from 'zod';
import { OrchError } from '../../proto/errors.ts';
import { defineAction } from './action.ts';

export const action = defineAction({
  name: 'set_stats',
  summary: 'Have the run tell values at its end.',
  notes: 'They stand under `stats` in report.json; ANSIBLE_SHOW_CUSTOM_STATS shows them behind the recap, too.',
  examples: ['set_stats:\n  data:\n    restarted: 1\n  per_host: yes'],
  params: z.strictObject({
    data: z.record(z.string(), z.unknown()).default({}).describe('Names and values.'),
    per_host: z.boolean().default(false).describe('Values of this host, not of the run.'),
    aggregate: z.boolean().default(true).describe('Add to what is there; else take its place.'),
  }),
  local: true,
  run: async ({ data, per_host, aggregate }, { playHosts, at, stats }) => {
    const wrong = Object.keys(data).find((name) => !/^[A-Za-z_]\w*$/.test(name));
    if (wrong !== undefined) {
      throw new OrchError({
        code: 'invalid-parameter',
        summary: `set_stats: "${wrong}" can't be the name of a variable.`,
        hint: 'Names are letters, digits and underscores, and start with no digit.',
        where: at,
      });
    }
    for (const host of per_host ? playHosts : [undefined]) stats({ host, data, aggregate });
    return { status: 'ok', result: { ansible_stats: { data, per_host, aggregate } } };
  },
});
