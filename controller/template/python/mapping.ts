import { Float } from '../../../proto/float.ts';
import { Fault } from '../fault.ts';
import type { Integer } from './integer.ts';
import { LazyMap, type Mapping, typeName } from './values.ts';

/** A value as a dict's key: text, number, boolean or None. */
export function keyOf(value: unknown): string | Integer | boolean | null {
  if (value instanceof Float) return value.value;
  if (['string', 'number', 'bigint', 'boolean'].includes(typeof value)) return value as string | Integer | boolean;
  if (value === null || value === undefined) return null;
  throw new Fault(`a dict cannot have a key of type ${typeName(value)}`);
}

/** Keys of objects of which some are whole numbers, or texts like them, as they were written: JavaScript has them as texts, and before all others. */
const writtenKeys = new WeakMap<object, readonly (string | Integer)[]>();

const isMoved = (key: string | Integer): boolean => typeof key !== 'string' || /^\d+$/.test(key);

/** Has templates walk an object by these keys, which are its own. */
export function withKeys<T extends object>(data: T, keys: readonly (string | Integer)[]): T {
  if (keys.some(isMoved)) {
    writtenKeys.set(data, [...new Map(keys.map((key) => [String(key), key])).values()]);
  }
  return data;
}

/** An object with these entries, whose keys stay what they are. */
export function objectOf(
  entries: readonly (readonly [key: string | Integer, value: unknown])[],
): Record<string, unknown> {
  const keys = entries.map(([key]) => key);
  return withKeys(Object.fromEntries(entries), keys);
}

/** The keys of data as they were written. */
export function dataKeys(data: object): readonly (string | Integer)[] {
  return writtenKeys.get(data) ?? Object.keys(data);
}

/** The entries of data, with the keys as they were written. */
export function dataEntries(data: Readonly<Record<string, unknown>>): [string | Integer, unknown][] {
  const keys = writtenKeys.get(data);
  return keys ? keys.map((key) => [key, data[String(key)]]) : Object.entries(data);
}

/** Objects are asked by texts, so 1 finds '1' in them, too. */
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
  return map instanceof LazyMap ? [...map.scope.names()] : [...dataKeys(map)];
}

export function mapSize(map: Mapping): number {
  return map instanceof Map ? map.size : mapKeys(map).length;
}

export function mapEntries(map: Mapping): [unknown, unknown][] {
  if (map instanceof Map) return [...map.entries()];
  if (map instanceof LazyMap) return [...map.scope.names()].map((name) => [name, map.scope.get(name) ?? null]);
  return dataEntries(map as Readonly<Record<string, unknown>>);
}

/** A copy that the engine may fill. */
export const mapCopy = (map: Mapping): Map<unknown, unknown> => new Map(mapEntries(map));
