import * as z from 'zod';

/** "Also `dest`, `name`." for a parameter that has other names, with the blank before it; else nothing. */
export function alsoNamed(name: string, aliases: Readonly<Record<string, string>> | undefined): string {
  const others = Object.entries(aliases ?? {}).flatMap(([alias, own]) => (own === name ? `\`${alias}\`` : []));
  return others.length === 0 ? '' : ` Also ${others.join(', ')}.`;
}

/** One parameter of a module or action, for people. */
export interface Parameter {
  readonly name: string;
  /** "string", "integer 1-4094", "l2, l3 or l3s". */
  readonly type: string;
  readonly required: boolean;
  /** As YAML would write it; undefined when there is none. */
  readonly default: string | undefined;
  readonly description: string;
}

type Schema = z.core.JSONSchema.JSONSchema;

function either(words: readonly string[]): string {
  if (words.length < 2) return words[0] ?? '';
  return `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
}

/** Bounds from here on only say that it fits 32 bits. */
const tellingBound = 0xffffffff;

function integerType({ minimum, maximum }: Schema): string {
  const low = minimum !== undefined && minimum > -tellingBound ? minimum : undefined;
  const high = maximum !== undefined && maximum < tellingBound ? maximum : undefined;
  if (low !== undefined && high !== undefined) return `integer ${low}-${high}`;
  if (low !== undefined) return `integer from ${low}`;
  return high === undefined ? 'integer' : `integer up to ${high}`;
}

function typeText(schema: Schema | boolean | undefined): string {
  if (schema === undefined || typeof schema === 'boolean') return 'any';
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum !== undefined) return either(schema.enum.map(String));
  const inside = schema.anyOf ?? schema.oneOf;
  if (inside !== undefined) return either([...new Set(inside.map(typeText))]);
  if (schema.type === 'integer') return integerType(schema);
  if (schema.type === 'array')
    return `list of ${typeText(Array.isArray(schema.items) ? schema.items[0] : schema.items)}`;
  if (schema.type === 'object') return 'dictionary';
  return typeof schema.type === 'string' ? schema.type : 'any';
}

/** The parameters that a schema takes, in the order of the schema; none when it is no object. */
export function parametersOf(schema: z.ZodType): readonly Parameter[] {
  const json = z.toJSONSchema(schema, { target: 'draft-07', io: 'input', unrepresentable: 'any' });
  const required = new Set(json.required ?? []);
  return Object.entries(json.properties ?? {}).map(([name, property]) => {
    const about = typeof property === 'boolean' ? {} : property;
    return {
      name,
      type: typeText(about),
      required: required.has(name),
      default: about.default === undefined ? undefined : JSON.stringify(about.default),
      description: about.description ?? '',
    };
  });
}
