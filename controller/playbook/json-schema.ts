import * as z from 'zod';
import type { CatalogEntry } from './catalog.ts';
import { entryKeywords, importKeyword, includeKeywords, playKeywords, valueShapes } from './keyword-schemas.ts';
import { keywords } from './keywords.ts';

type Schema = Readonly<Record<string, unknown>>;

const template: Schema = { $ref: '#/definitions/template' };

/** Words that hold schemas, and words that restrict a value to something that a template is not. */
const nesting = ['items', 'additionalProperties', 'anyOf', 'oneOf', 'allOf'];
const restricting = ['type', 'enum', 'const', 'pattern', 'format', 'minLength', 'maxLength'];

const isSchema = (node: unknown): node is Schema => typeof node === 'object' && node !== null && !Array.isArray(node);

/** The schema with a template allowed at each value. */
function withTemplates(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(withTemplates);
  if (!isSchema(node)) return node;
  const inner = Object.entries(node).map(([key, value]) => {
    if (key === 'properties' && isSchema(value)) {
      return [key, Object.fromEntries(Object.entries(value).map(([name, each]) => [name, withTemplates(each)]))];
    }
    return [key, nesting.includes(key) ? withTemplates(value) : value];
  });
  const { description, ...shape } = Object.fromEntries(inner) as Schema;
  if (!restricting.some((word) => word in node)) return { ...shape, ...(description !== undefined && { description }) };
  return { ...(description !== undefined && { description }), anyOf: [shape, template] };
}

/** The schema with parameters under their other names, too; a parameter that has one is asked for under none. */
function withAliases(schema: Schema, aliases: Readonly<Record<string, string>>): Schema {
  const { properties, required } = schema;
  if (!isSchema(properties) || !Array.isArray(required ?? [])) return schema;
  const others = Object.entries(aliases).map(([alias, name]) => [alias, properties[name]]);
  const aliased = Object.values(aliases);
  const asked = Array.isArray(required) ? required.filter((name) => !aliased.includes(name)) : [];
  return {
    ...schema,
    properties: { ...properties, ...Object.fromEntries(others) },
    ...(required === undefined ? {} : { required: asked }),
  };
}

/** What may stand behind a module's name: its parameters, text, or nothing. */
function moduleSchema({ params, freeForm, summary, aliases }: CatalogEntry): Schema {
  const { $schema: _, ...written } = z.toJSONSchema(params, { target: 'draft-07', io: 'input' });
  const own = withAliases(written, aliases ?? {});
  const parameters = withTemplates(own) as { anyOf?: readonly unknown[] };
  // Text is key=value for modules without free text.
  const text = freeForm === undefined ? { type: 'string', pattern: '=' } : { type: ['string', 'number'] };
  // `args:` may hold what is missing here.
  return { description: summary, anyOf: [...(parameters.anyOf ?? [parameters]), text, { type: 'null' }] };
}

/** JSON Schema (draft 7, as editors read it) of playbooks: every keyword, and the parameters of every module. */
export function playbookSchema(catalog: ReadonlyMap<string, CatalogEntry>): Schema {
  const names = [...catalog.keys()].sort();
  const modules = Object.fromEntries(
    names.flatMap((name) => {
      const reference = { $ref: `#/definitions/module.${name}` };
      return [
        [name, reference],
        [`ansible.builtin.${name}`, reference],
      ];
    }),
  );
  const including = Object.fromEntries(
    Object.entries(includeKeywords).flatMap(([name, schema]) => [
      [name, schema],
      [`ansible.builtin.${name}`, schema],
    ]),
  );
  const definitions = Object.fromEntries(
    [...catalog.values()].map((entry) => [`module.${entry.name}`, moduleSchema(entry)]),
  );
  const importPlaybook = Object.fromEntries([...keywords.importPlaybook].map((key) => [key, entryKeywords[key] ?? {}]));
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'orch playbook',
    type: 'array',
    items: {
      anyOf: [
        { type: 'object', required: ['hosts'], additionalProperties: false, properties: playKeywords },
        {
          type: 'object',
          required: ['import_playbook'],
          additionalProperties: false,
          properties: { ...importPlaybook, import_playbook: importKeyword },
        },
      ],
    },
    definitions: {
      ...valueShapes,
      entry: {
        type: 'object',
        additionalProperties: false,
        properties: { ...entryKeywords, ...including, ...modules },
      },
      ...definitions,
    },
  };
}
