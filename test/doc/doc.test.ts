import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { registry as modules } from '../../agent/modules/registry.gen.ts';
import { registry as actions } from '../../controller/actions/registry.gen.ts';
import { moduleList, moduleText, parameterSchema } from '../../controller/doc/module-text.ts';
import { parameterNames } from '../../controller/playbook/schema.ts';

const all = [...modules.values(), ...actions.values()];

describe.each(all.map((module) => [module.name, module] as const))('%s', (_, module) => {
  test('every parameter is explained', () => {
    const { properties = {} } = parameterSchema(module);
    const text = moduleText(module);
    for (const name of parameterNames(module.params)) {
      expect(properties[name]).toHaveProperty('description', expect.stringMatching(/\S/));
      expect(text).toMatch(new RegExp(`^  ${name} \\(`, 'm'));
    }
  });
});

test('a page has summary, notes, parameters and examples', () => {
  const text = moduleText({
    name: 'knock',
    summary: 'Knocks.',
    notes: 'Politely.',
    examples: ['knock:\n  times: 2'],
    freeForm: 'door',
    params: z.strictObject({
      door: z.string().describe('Which door.'),
      times: z.int().min(1).max(9).default(3).describe('How often.'),
      manner: z.enum(['soft', 'loud']).optional().describe('How.'),
      also: z
        .array(z.strictObject({ door: z.string().describe('Another door.') }))
        .default([])
        .describe('More doors.'),
    }),
  });
  expect(text.split('\n').slice(1)).toEqual([
    'Knocks.',
    '',
    'Politely.',
    '',
    'Parameters:',
    '  door (text; required)',
    '      Which door.',
    '  times (integer 1-9; default 3)',
    '      How often.',
    '  manner (soft | loud)',
    '      How.',
    '  also (list of mapping)',
    '      More doors.',
    '      door (text; required)',
    '          Another door.',
    '  Free text behind the name is door.',
    '',
    'Examples:',
    '  - knock:',
    '      times: 2',
    '',
  ]);
});

test('the list has a line for each', () => {
  expect(moduleList(all).trimEnd().split('\n')).toHaveLength(all.length);
});
