import * as z from 'zod';
import { OrchError } from '../../proto/errors.ts';
import { isVariableName } from '../playbook/parse/fields.ts';
import { defineAction } from './action.ts';

export const action = defineAction({
  name: 'set_fact',
  summary: 'Set variables of a host for the rest of the run.',
  examples: ['set_fact:\n  uplink: ens34\n  peers: "{{ groups.lab | difference([inventory_hostname]) }}"'],
  params: z
    .looseObject({
      cacheable: z
        .boolean()
        .optional()
        .describe('They are facts, too: ansible_facts has them. Facts are never kept beyond a run.'),
    })
    .describe('Any other key is a variable and its value.'),
  local: true,
  run: async (params, context) => {
    const { cacheable = false, ...facts } = params;
    const wrong = Object.keys(facts).find((name) => !isVariableName(name));
    if (wrong !== undefined) {
      throw new OrchError({
        code: 'invalid-parameter',
        summary: `set_fact: "${wrong}" can't be the name of a variable.`,
        hint: 'Names are letters, digits and underscores, and start with no digit.',
        where: context.at,
      });
    }
    if (Object.keys(facts).length === 0) {
      throw new OrchError({
        code: 'invalid-parameter',
        summary: 'No key/value pairs provided, at least one is required for this action to succeed',
        where: context.at,
      });
    }
    context.setFacts(facts, cacheable);
    return { status: 'ok', result: { ansible_facts: facts } };
  },
});
