import * as z from 'zod';

/** Parameters that were given together, and how often. */
interface Use {
  times: number;
  schema: z.ZodType | undefined;
}

/** A task by itself gains nothing: to make a schema takes longer than to use it. */
const fewest = 4;

/** Sets of parameters that are kept in mind of one schema. */
const mostUses = 32;

const uses = new WeakMap<z.ZodType, Map<string, Use>>();

/**
 * A schema that says the same of these parameters, without those that are left out and come to nothing then: each of them
 * takes zod as long as one that is given, and most modules have twenty. The schema itself until the same ones were given a
 * few times, as in a loop.
 */
export function narrowed(schema: z.ZodType, given: unknown): z.ZodType {
  if (!(schema instanceof z.ZodObject) || typeof given !== 'object' || given === null) return schema;
  const names = Object.keys(given);
  // Names that it does not have are wrong, and may be of any number and length.
  if (!names.every((name) => Object.hasOwn(schema.shape, name))) return schema;
  const known = uses.get(schema) ?? new Map<string, Use>();
  uses.set(schema, known);
  const key = names.join('\n');
  const use = known.get(key) ?? { times: 0, schema: undefined };
  if (use.times === 0 && known.size < mostUses) known.set(key, use);
  use.times += 1;
  if (use.times <= fewest) return schema;
  use.schema ??= without(schema, (name) => !Object.hasOwn(given, name));
  return use.schema;
}

function without(schema: z.ZodObject, isAbsent: (name: string) => boolean): z.ZodType {
  const shape: z.core.$ZodLooseShape = { ...schema.shape };
  for (const [name, field] of Object.entries(shape)) if (isAbsent(name) && isNothing(field)) delete shape[name];
  return schema.clone({ ...schema.def, shape });
}

/** True when a parameter that is left out may be, and has no default. */
function isNothing(field: z.core.$ZodType): boolean {
  const result = z.safeParse(field, undefined);
  return result.success && result.data === undefined;
}
