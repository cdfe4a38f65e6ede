import * as z from 'zod';
import type { Host } from '../../linux/host.ts';
import type { AnyModule } from '../../modules/module.ts';

type Params = Readonly<Record<string, unknown>>;
type PathFormat = 'path' | 'program' | 'target';

const formats = new WeakMap<AnyModule, ReadonlyMap<string, PathFormat>>();

/** Parameters with those paths absolute (of links: expanded) that the module's schema has as such (`hostPath`, `programPath`, `linkTarget`). What is no text stays. */
export async function withAbsolutePaths(module: AnyModule, params: unknown, host: Host): Promise<unknown> {
  const paths = formatsOf(module);
  if (paths.size === 0 || typeof params !== 'object' || params === null) return params;
  const changed: Record<string, unknown> = {};
  for (const [name, format] of paths) {
    const value = (params as Params)[name];
    if (Array.isArray(value)) changed[name] = await Promise.all(value.map((each) => absolute(each, format, host)));
    else if (value !== undefined) changed[name] = await absolute(value, format, host);
  }
  return { ...params, ...changed };
}

async function absolute(value: unknown, format: PathFormat, host: Host): Promise<unknown> {
  if (typeof value !== 'string' || value === '') return value;
  if (value.startsWith('/') && !value.includes('$')) return value;
  if (format === 'target') return host.expanded(value);
  return format === 'program' && !/[/$]/.test(value) ? value : host.absolute(value);
}

/** The module's parameters that are paths, or lists of them. */
function formatsOf(module: AnyModule): ReadonlyMap<string, PathFormat> {
  const known = formats.get(module) ?? new Map(shapeOf(module.params).flatMap(([name, field]) => named(name, field)));
  formats.set(module, known);
  return known;
}

function named(name: string, field: unknown): [string, PathFormat][] {
  const format = formatOf(field);
  return format === undefined ? [] : [[name, format]];
}

function shapeOf(schema: unknown): [string, unknown][] {
  if (schema instanceof z.ZodObject) return Object.entries(schema.shape);
  if (schema instanceof z.ZodUnion) return schema.options.flatMap(shapeOf);
  if (schema instanceof z.ZodIntersection) return [schema.def.left, schema.def.right].flatMap(shapeOf);
  return schema instanceof z.ZodPipe ? shapeOf(schema.def.in) : [];
}

function formatOf(schema: unknown): PathFormat | undefined {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault) return formatOf(schema.unwrap());
  if (schema instanceof z.ZodArray) return formatOf(schema.element);
  if (schema instanceof z.ZodUnion) return schema.options.map(formatOf).find((format) => format !== undefined);
  const format = schema instanceof z.ZodString ? schema.meta()?.format : undefined;
  return format === 'path' || format === 'program' || format === 'target' ? format : undefined;
}
