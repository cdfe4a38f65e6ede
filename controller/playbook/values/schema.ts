import * as z from 'zod';
import type { Path } from '../../source/located.ts';

/** What a value must be to be a mapping. */
export function objects(schema: unknown): z.ZodObject[] {
  if (schema instanceof z.ZodObject) return [schema];
  if (schema instanceof z.ZodUnion) return schema.options.flatMap(objects);
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodNullable) {
    return objects(schema.unwrap());
  }
  if (schema instanceof z.ZodIntersection) return [...objects(schema.def.left), ...objects(schema.def.right)];
  if (schema instanceof z.ZodPipe) return objects(schema.def.in);
  return [];
}

/** What the items of a list must be. */
export function elements(schema: unknown): unknown[] {
  if (schema instanceof z.ZodArray) return [schema.element];
  if (schema instanceof z.ZodUnion) return schema.options.flatMap(elements);
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodNullable) {
    return elements(schema.unwrap());
  }
  return [];
}

/** Names of the parameters that a schema has at a path; empty when it takes any, or has no mapping there. */
export function parameterNames(schema: z.ZodType, path: Path = []): string[] {
  let here: unknown[] = [schema];
  for (const part of path) {
    here =
      typeof part === 'number'
        ? here.flatMap(elements)
        : here.flatMap(objects).flatMap((object) => object.shape[part] ?? []);
  }
  return [...new Set(here.flatMap(objects).flatMap((object) => Object.keys(object.shape)))];
}
