import * as z from 'zod';
import { Float } from '../template/float.ts';
import { elements, objects } from './schema.ts';

const hidden = '(secret)';

function isSecret(schema: unknown): boolean {
  if (!(schema instanceof z.ZodType)) return false;
  if (schema.meta()?.writeOnly === true) return true;
  return (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault) && isSecret(schema.unwrap());
}

function shown(schemas: readonly unknown[], value: unknown): unknown {
  if (schemas.length === 0 || typeof value !== 'object' || value === null || value instanceof Float) return value;
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
