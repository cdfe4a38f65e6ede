import * as z from 'zod';
import { type CatalogEntry, synonyms } from '../catalog/catalog.ts';
import { entryKeywords, importKeyword, includeKeywords, playKeywords, valueShapes } from './keyword-schemas.ts';
import { keywords } from './keywords.ts';

type Schema = Readonly<Record<string, unknown>>;

const template: Schema = { $ref: '#/definitions/template' };

/** Words that hold schemas, and words that restrict a value to something that a template is not. */
const nesting = ['items', 'additionalProperties', 'anyOf', 'oneOf', 'allOf'];
const restricting = ['type', 'enum', 'const', 'pattern', 'format', 'minLength', 'maxLength'];

const isSchema = (node: unknown): node is Schema => typeof node === 'object' && node !== null && !Array.isArray(node);

/** What may stand for a value of a type, as `parseCoerced` takes it. */
const instead: Readonly<Record<string, readonly unknown[]>> = {
  string: [{ $ref: '#/definitions/instead-of-text' }],
  boolean: [{ $ref: '#/definitions/instead-of-flag' }],
  integer: [{ $ref: '#/definitions/instead-of-number' }],
  number: [{ $ref: '#/definitions/instead-of-number' }],
  array: [{ $ref: '#/definitions/instead-of-list' }],
  object: [{ $ref: '#/definitions/instead-of-mapping' }],
};

/** Choices that YAML 1.1 makes true and false of. */
const booleanWord = /^(?:yes|no|on|off|true|false)$/;

function othersFor({ type, enum: choices, items }: Schema): readonly unknown[] {
  if (Array.isArray(choices)) {
    return choices.some((choice) => booleanWord.test(choice)) ? [{ type: 'boolean' }, template] : [template];
  }
  const one = type === 'array' && isSchema(items) ? [items] : [];
  return [...one, ...(instead[String(type)] ?? [template])];
}

/** The schema with all that may stand for each value: a template, one item for a list, words for true and false, ... */
function asWritten(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(asWritten);
  if (!isSchema(node)) return node;
  const inner = Object.entries(node).map(([key, value]) => {
    if (key === 'properties' && isSchema(value)) {
      return [key, Object.fromEntries(Object.entries(value).map(([name, each]) => [name, asWritten(each)]))];
    }
    return [key, nesting.includes(key) ? asWritten(value) : value];
  });
  const { description, ...shape } = Object.fromEntries(inner) as Schema;
  const told = description === undefined ? {} : { description };
  if (!restricting.some((word) => word in node)) return { ...shape, ...told };
  return { ...told, anyOf: [shape, ...othersFor(shape)] };
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
  const parameters = asWritten(own) as { anyOf?: readonly unknown[] };
  // Text is key=value for modules without free text.
  const text = freeForm === undefined ? { type: 'string', pattern: '=' } : { type: ['string', 'number'] };
  // `args:` may hold what is missing here.
  return { description: summary, anyOf: [...(parameters.anyOf ?? [parameters]), text, { type: 'null' }] };
}

/** By each name that tasks may have for a module. */
function moduleReferences(catalog: ReadonlyMap<string, CatalogEntry>): Readonly<Record<string, Schema>> {
  const others = Object.entries(synonyms).filter(([, name]) => catalog.has(name));
  const names = [...[...catalog.keys()].map((name) => [name, name] as const), ...others].sort();
  return Object.fromEntries(names.map(([written, name]) => [written, { $ref: `#/definitions/module.${name}` }]));
}

const otherCollections = '(ansible\\.(legacy|posix)|community\\.general)';

/** Modules of other collections, and loops over lookups of people's own. */
const ownPatterns: Schema = {
  [`^(?!ansible\\.builtin\\.|${otherCollections}\\.)\\w+\\.\\w+(\\.\\w+)+$`]: {},
  '^with_\\w+(\\.\\w+)*$': {},
};

/** JSON Schema (draft 7, as editors read it) of playbooks: every keyword, and the parameters of every module. */
export function playbookSchema(catalog: ReadonlyMap<string, CatalogEntry>): Schema {
  const tasks = { ...includeKeywords, ...moduleReferences(catalog) };
  const full = Object.entries(tasks).map(([name, schema]) => [`ansible.builtin.${name}`, schema]);
  const elsewhere = Object.entries(tasks).map(([name, schema]) => [`^${otherCollections}\\.${name}$`, schema]);
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
        properties: { ...entryKeywords, ...tasks, ...Object.fromEntries(full) },
        patternProperties: { ...Object.fromEntries(elsewhere), ...ownPatterns },
      },
      ...definitions,
    },
  };
}
