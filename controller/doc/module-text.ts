import * as z from 'zod';
import { banner } from '../report/format.ts';
import { alsoNamed } from './parameters.ts';

/** What the documentation of a module or action is made of. */
export interface Documented {
  readonly name: string;
  readonly summary: string;
  readonly notes?: string | undefined;
  readonly examples: readonly string[];
  readonly freeForm?: string | undefined;
  readonly aliases?: Readonly<Record<string, string>> | undefined;
  readonly params: z.ZodType;
}

type Schema = z.core.JSONSchema.JSONSchema;

/** The module's parameters as JSON Schema (draft 2020-12), as a playbook may write them. */
export function parameterSchema(module: Documented): Schema {
  return { title: module.name, description: module.summary, ...z.toJSONSchema(module.params, { io: 'input' }) };
}

const whole = (schema: Schema | boolean | undefined): Schema => (typeof schema === 'object' ? schema : {});

/** A type in a word or two: "integer 1-100", "text", "list of text", "reached | unreachable". */
function typeText(schema: Schema): string {
  if (schema.const !== undefined) return String(schema.const);
  if (schema.enum) return schema.enum.map(String).join(' | ');
  const either = schema.anyOf ?? schema.oneOf;
  if (either) return [...new Set(either.map((each) => typeText(whole(each))))].join(', or ');
  if (schema.type === 'array') {
    const items = Array.isArray(schema.items) ? schema.items[0] : schema.items;
    return `list of ${typeText(whole(items))}`;
  }
  if (schema.type === 'object') return 'mapping';
  if (schema.type === 'string') return 'text';
  if (schema.type !== 'integer' && schema.type !== 'number') return String(schema.type ?? 'anything');
  const { minimum, maximum } = schema;
  const bounded = minimum !== undefined && maximum !== undefined && maximum < Number.MAX_SAFE_INTEGER;
  return bounded ? `${schema.type} ${minimum}-${maximum}` : schema.type;
}

/** A text in lines of at most so many columns, each behind `indent`. */
export function wrap(text: string, indent: string, columns: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/\s+/)) {
    if (line !== '' && indent.length + line.length + 1 + word.length > columns) {
      lines.push(indent + line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return line === '' ? lines : [...lines, indent + line];
}

/** The mappings that a value may be, or the items of a list. */
function mappingsOf(schema: Schema): readonly Schema[] {
  const inside = schema.anyOf ?? schema.oneOf ?? (schema.type === 'array' ? [schema.items].flat() : undefined);
  return inside === undefined ? [schema] : inside.flatMap((each) => mappingsOf(whole(each)));
}

/** A mapping's keys, with the keys of what it holds below them. */
function parameterLines(schema: Schema, indent: string, aliases?: Documented['aliases']): string[] {
  const required = new Set(schema.required);
  return Object.entries(schema.properties ?? {}).flatMap(([name, each]) => {
    const parameter = whole(each);
    const usual = parameter.default;
    const empty = usual === undefined || (typeof usual === 'object' && Object.keys(usual ?? {}).length === 0);
    const marks = [typeText(parameter), ...(required.has(name) ? ['required'] : empty ? [] : [`default ${usual}`])];
    return [
      `${indent}${name} (${marks.join('; ')})`,
      ...wrap(`${parameter.description ?? ''}${alsoNamed(name, aliases)}`, `${indent}    `, 100),
      ...mappingsOf(parameter).flatMap((mapping) => parameterLines(mapping, `${indent}    `)),
    ];
  });
}

/** One module for people: what it does, its parameters, examples that can be pasted. */
export function moduleText(module: Documented): string {
  const parameters = parameterLines(parameterSchema(module), '  ', module.aliases);
  const free = module.freeForm === undefined ? [] : [`  Free text behind the name is ${module.freeForm}.`];
  return [
    banner(module.name),
    ...wrap(module.summary, '', 100),
    '',
    ...(module.notes === undefined ? [] : [...wrap(module.notes, '', 100), '']),
    'Parameters:',
    ...(parameters.length === 0 ? ['  none'] : parameters),
    ...free,
    '',
    'Examples:',
    ...module.examples.map((example) => `  - ${example.trimEnd().replaceAll('\n', '\n    ')}`),
    '',
  ].join('\n');
}
