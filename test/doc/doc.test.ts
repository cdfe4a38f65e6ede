import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { registry as modules } from '../../agent/modules/registry.gen.ts';
import { registry as actions } from '../../controller/actions/registry.gen.ts';
import { entries, entryList } from '../../controller/doc/documented.ts';
import { moduleText, parameterSchema } from '../../controller/doc/module-text.ts';
import { filterSummaries } from '../../controller/doc/summaries/filters.ts';
import { lookupSummaries } from '../../controller/doc/summaries/lookups.ts';
import { testSummaries } from '../../controller/doc/summaries/tests.ts';
import { words, wordText } from '../../controller/doc/words.ts';
import { parameterNames } from '../../controller/playbook/values/schema.ts';
import { lookupsFor } from '../../controller/run/lookups/lookups.ts';
import { filterTable } from '../../controller/template/filters/table.ts';
import { allTests } from '../../controller/template/plugins.ts';

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
      answer: z
        .union([
          z.literal('none'),
          z.discriminatedUnion('by', [
            z.strictObject({ by: z.literal('bell'), rings: z.int().describe('How many.') }),
            z.strictObject({ by: z.literal('voice'), word: z.string().describe('Which.') }),
          ]),
        ])
        .optional()
        .describe('What comes back.'),
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
    '  answer (none, or mapping)',
    '      What comes back.',
    '      by (bell; required)',
    '      rings (integer; required)',
    '          How many.',
    '      by (voice; required)',
    '      word (text; required)',
    '          Which.',
    '  Free text behind the name is door.',
    '',
    'Examples:',
    '  - knock:',
    '      times: 2',
    '',
  ]);
});

test('the list has a line for each', () => {
  expect(entryList(entries()).trimEnd().split('\n')).toHaveLength(entries().length);
});

test('keywords, filters, tests and lookups have a line about them', () => {
  expect(words().filter(({ summary }) => !/^[A-Z].*\.$/.test(summary))).toEqual([]);
});

test.each([
  [filterSummaries, filterTable.keys()],
  [testSummaries, allTests.keys()],
  [lookupSummaries, [...Object.keys(lookupsFor(() => [])), 'vars', 'varnames', 'inventory_hostnames']],
])('nothing is explained that is not there', (summaries, names) => {
  expect(Object.keys(summaries).sort()).toEqual([...names].sort());
});

test.each([
  ['filter', 'regex_search', 'value | regex_search(regex, ..., ignorecase?, multiline?)'],
  ['filter', 'items', 'value | items'],
  ['test', 'version', 'value is version(version, operator?, strict?, version_type?)'],
  ['lookup', 'env', "lookup('env', term, ...)"],
])('%s %s is shown as it is written', (kind, name, form) => {
  const word = words().find((each) => each.kind === kind && each.name === name);
  expect(word && wordText(word).split('\n')).toContain(`  ${form}`);
});

test('a keyword that means one thing in plays and another in tasks has both', () => {
  const forms = words().filter(({ kind, name }) => kind === 'keyword' && name === 'throttle');
  expect(forms.map(({ form }) => form)).toEqual(['of plays', 'of blocks, tasks, roles']);
});
