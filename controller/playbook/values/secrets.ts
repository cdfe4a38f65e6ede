import * as z from 'zod';
import { isAtom } from '../../template/python/atom.ts';
import { elements, objects } from './schema.ts';
import { isTemplate } from './template-check.ts';

const hidden = '(secret)';

function isSecret(schema: unknown): boolean {
  if (!(schema instanceof z.ZodType)) return false;
  if (schema.meta()?.writeOnly === true) return true;
  return (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault) && isSecret(schema.unwrap());
}

function shown(schemas: readonly unknown[], value: unknown): unknown {
  if (schemas.length === 0 || typeof value !== 'object' || value === null || isAtom(value)) return value;
  if (Array.isArray(value)) return value.map((item) => shown(schemas.flatMap(elements), item));
  const entries = Object.entries(value).map(([key, item]) => {
    const inner = schemas.flatMap(objects).flatMap((object) => object.shape[key] ?? []);
    return [key, inner.some(isSecret) ? hidden : shown(inner, item)];
  });
  return Object.fromEntries(entries);
}

/** A task's arguments as they may be shown: without what its schema calls secret (`secret` of agent/modules/shared/fields.ts). */
export function withoutSecrets(schema: z.ZodType, args: unknown): unknown {
  return shown([schema], args);
}

/** Whether arguments hold, as they are written, the very value of a parameter that the schema calls secret. */
export function holdSecret(schema: z.ZodType, args: unknown): boolean {
  return holds([schema], args);
}

function holds(schemas: readonly unknown[], value: unknown): boolean {
  if (schemas.length === 0 || typeof value !== 'object' || value === null || isAtom(value)) return false;
  if (Array.isArray(value)) return value.some((item) => holds(schemas.flatMap(elements), item));
  return Object.entries(value).some(([key, item]) => {
    const inner = schemas.flatMap(objects).flatMap((object) => object.shape[key] ?? []);
    return inner.some(isSecret) ? !isTemplate(item) : holds(inner, item);
  });
}
