import { Float } from '../../proto/float.ts';
import { Fault } from './fault.ts';
import type { Integer } from './integer.ts';
import { LazyMap, type Mapping, typeName } from './values.ts';

/** A value as a dict's key: text, number, boolean or None. */
export function keyOf(value: unknown): string | Integer | boolean | null {
  if (value instanceof Float) return value.value;
  if (['string', 'number', 'bigint', 'boolean'].includes(typeof value)) return value as string | Integer | boolean;
  if (value === null || value === undefined) return null;
  throw new Fault(`a dict cannot have a key of type ${typeName(value)}`);
}

/** Data from outside has text keys only, so 1 finds '1' in it. */
const outsideKey = (key: unknown): string | undefined =>
  typeof key === 'string' ? key : typeof key === 'number' || typeof key === 'bigint' ? String(key) : undefined;

/** The value at a key, undefined when there is no such key. Never reaches a prototype. */
export function mapGet(map: Mapping, key: unknown): unknown {
  if (map instanceof Map) {
    const known = keyOf(key);
    return map.has(known) ? (map.get(known) ?? null) : undefined;
  }
  const name = outsideKey(key);
  if (name === undefined) return undefined;
  if (map instanceof LazyMap) return map.scope.has(name) ? (map.scope.get(name) ?? null) : undefined;
  return Object.hasOwn(map, name) ? ((map as Readonly<Record<string, unknown>>)[name] ?? null) : undefined;
}

export function mapHas(map: Mapping, key: unknown): boolean {
  if (map instanceof Map) return map.has(keyOf(key));
  const name = outsideKey(key);
  if (name === undefined) return false;
  return map instanceof LazyMap ? map.scope.has(name) : Object.hasOwn(map, name);
}

export function mapKeys(map: Mapping): unknown[] {
  if (map instanceof Map) return [...map.keys()];
  return map instanceof LazyMap ? [...map.scope.names()] : Object.keys(map);
}

export function mapSize(map: Mapping): number {
  return map instanceof Map ? map.size : mapKeys(map).length;
}

export function mapEntries(map: Mapping): [unknown, unknown][] {
  if (map instanceof Map) return [...map.entries()];
  if (map instanceof LazyMap) return [...map.scope.names()].map((name) => [name, map.scope.get(name) ?? null]);
  return Object.entries(map);
}

/** A copy that the engine may fill. */
export const mapCopy = (map: Mapping): Map<unknown, unknown> => new Map(mapEntries(map));
