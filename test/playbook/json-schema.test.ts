import { expect, test } from 'vitest';
import { catalog as whole } from '../../controller/catalog.ts';
import { playbookSchema } from '../../controller/playbook/keywords/json-schema.ts';
import { entryKeywords, playKeywords } from '../../controller/playbook/keywords/keyword-schemas.ts';
import { keywords } from '../../controller/playbook/keywords/keywords.ts';
import { catalog } from './catalog.ts';

test('every keyword is in the schema, and no other', () => {
  const entries = new Set([...keywords.task, ...keywords.block, ...keywords.include]);
  expect(Object.keys(entryKeywords).sort()).toEqual([...entries].sort());
  expect(Object.keys(playKeywords).sort()).toEqual([...keywords.play].sort());
});

test('every module and action can say its parameters in JSON Schema', () => {
  for (const [name, entry] of whole) {
    expect(() => playbookSchema(new Map([[name, entry]])), name).not.toThrow();
  }
});

test('a module: its parameters with what may stand for them, text, or nothing', () => {
  const entry = catalog.get('netns');
  const { definitions } = playbookSchema(new Map(entry ? [['netns', entry]] : [])) as {
    definitions: Record<string, unknown>;
  };
  const template = { $ref: '#/definitions/template' };
  expect(definitions['module.netns']).toEqual({
    description: undefined,
    anyOf: [
      {
        type: 'object',
        required: ['name'],
        additionalProperties: false,
        properties: {
          name: { anyOf: [{ type: 'string', pattern: '^[^/\\s]+$' }, { $ref: '#/definitions/instead-of-text' }] },
          state: { anyOf: [{ type: 'string', enum: ['present', 'absent'] }, template] },
        },
      },
      { $ref: '#/definitions/instead-of-mapping' },
      { type: 'string', pattern: '=' },
      { type: 'null' },
    ],
  });
});
