import { mapCopy, mapEntries, mapGet, mapHas, mapKeys } from '../mapping.ts';
import { type Mapping, Tuple } from '../values.ts';
import { methodTable } from './method.ts';

export const dictMethods = methodTable<Mapping>([
  ['copy', '', (map) => mapCopy(map)],
  ['get', 'key, default?', (map, [key, fallback]) => (mapHas(map, key) ? mapGet(map, key) : (fallback ?? null))],
  ['items', '', (map) => mapEntries(map).map(([key, value]) => Tuple.of2(key, value))],
  ['keys', '', (map) => mapKeys(map)],
  ['values', '', (map) => mapEntries(map).map(([, value]) => value)],
]);
