import { Fault } from '../fault.ts';
import { checkItems } from '../limits.ts';
import { asList } from '../python/coerce.ts';
import { keyOf, mapCopy, mapEntries, mapGet, mapHas, mapKeys } from '../python/mapping.ts';
import { brief } from '../python/text.ts';
import { isMapping, type Mapping, Tuple } from '../python/values.ts';
import { methodTable } from './method.ts';

type Changing = Map<unknown, unknown>;

export const dictMethods = methodTable<Mapping, Changing>(
  [
    ['copy', '', (map) => mapCopy(map)],
    ['get', 'key, default?', (map, [key, fallback]) => (mapHas(map, key) ? mapGet(map, key) : (fallback ?? null))],
    ['items', '', (map) => mapEntries(map).map(([key, value]) => Tuple.of2(key, value))],
    ['keys', '', (map) => mapKeys(map)],
    ['values', '', (map) => mapEntries(map).map(([, value]) => value)],
  ],
  [
    ['clear', '', (map) => map.clear() ?? null],
    ['pop', 'key, default?', (map, [key, fallback]) => pop(map, key, fallback)],
    ['popitem', '', (map) => popItem(map)],
    ['setdefault', 'key, default?', (map, [key, fallback]) => setDefault(map, key, fallback ?? null)],
    ['update', '*sources, **named', (map, [sources, named]) => update(map, [...(sources as unknown[]), named])],
  ],
);

function pop(map: Changing, key: unknown, fallback: unknown): unknown {
  const known = keyOf(key);
  const value = map.has(known) ? map.get(known) : fallback;
  if (value === undefined) throw new Fault(`the dict has no key ${brief(key)}`);
  map.delete(known);
  return value;
}

function popItem(map: Changing): unknown {
  const last = [...map].at(-1);
  if (!last) throw new Fault('the dict is empty');
  map.delete(last[0]);
  return Tuple.of2(...last);
}

function setDefault(map: Changing, key: unknown, value: unknown): unknown {
  const known = keyOf(key);
  if (!map.has(known)) map.set(known, value);
  return map.get(known);
}

function update(map: Changing, sources: readonly unknown[]): null {
  for (const source of sources) {
    const pairs = isMapping(source) ? mapEntries(source) : asList(source).map(asList);
    for (const [key, value] of pairs) map.set(keyOf(key), value ?? null);
  }
  checkItems(map.size);
  return null;
}
