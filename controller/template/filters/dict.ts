import { attributeOf, itemOf } from '../access.ts';
import { asList, asText } from '../coerce.ts';
import { equals, truth } from '../compare.ts';
import { Fault } from '../fault.ts';
import { keyOf, mapCopy, mapEntries } from '../mapping.ts';
import { plugin } from '../plugin.ts';
import { brief } from '../text.ts';
import { defined, isList, isMapping, type Mapping, Tuple, typeName } from '../values.ts';

type ListMerge = (old: readonly unknown[], fresh: readonly unknown[]) => unknown[];

const without = (items: readonly unknown[], others: readonly unknown[]): unknown[] =>
  items.filter((item) => !others.some((other) => equals(other, item)));

const listMerges = new Map<string, ListMerge>([
  ['replace', (_, fresh) => [...fresh]],
  ['keep', (old) => [...old]],
  ['append', (old, fresh) => [...old, ...fresh]],
  ['prepend', (old, fresh) => [...fresh, ...old]],
  ['append_rp', (old, fresh) => [...without(old, fresh), ...fresh]],
  ['prepend_rp', (old, fresh) => [...fresh, ...without(old, fresh)]],
]);

function merge(low: Mapping, high: Mapping, recursive: boolean, lists: ListMerge): Map<unknown, unknown> {
  if (equals(low, high)) return mapCopy(high);
  const merged = mapCopy(low);
  for (const [key, value] of mapEntries(high)) {
    const old = merged.get(key);
    if (recursive && isMapping(old) && isMapping(value)) merged.set(key, merge(old, value, true, lists));
    else if (isList(old) && isList(value)) merged.set(key, lists(old, value));
    else merged.set(key, value);
  }
  return merged;
}

function combine(
  value: unknown,
  recursive: boolean,
  listMerge: string,
  others: readonly unknown[],
): Map<unknown, unknown> {
  const lists = listMerges.get(listMerge);
  if (!lists) throw new Fault(`'list_merge' must be one of ${[...listMerges.keys()].join(', ')}`);
  const dicts = [value, ...others]
    .flatMap((item) => (isList(item) ? item : [item]))
    .map((item) => {
      if (!isMapping(defined(item))) throw new Fault(`filter 'combine' needs dicts, not ${typeName(item)}`);
      return item as Mapping;
    });
  return dicts.reduce<Map<unknown, unknown>>((low, high) => merge(low, high, recursive, lists), new Map());
}

function toItems(value: unknown, keyName: string, valueName: string): unknown[] {
  if (!isMapping(value)) throw new Fault(`filter 'dict2items' needs a dict, not ${typeName(value)}`);
  return mapEntries(value).map(
    ([key, item]) =>
      new Map([
        [keyName, key],
        [valueName, item],
      ]),
  );
}

function fromItems(value: unknown, keyName: string, valueName: string): Map<unknown, unknown> {
  return new Map(
    asList(value).map((item) => [keyOf(defined(attributeOf(item, keyName))), defined(attributeOf(item, valueName))]),
  );
}

/** A dict by one member of each of its elements. */
function rekey(value: unknown, member: unknown, duplicates: unknown): Map<unknown, unknown> {
  if (duplicates !== 'error' && duplicates !== 'overwrite') {
    throw new Fault("'duplicates' must be 'error' or 'overwrite'");
  }
  if (typeof value === 'string') throw new Fault("filter 'rekey_on_member' needs a list or dict");
  const made = new Map<unknown, unknown>();
  for (const item of isMapping(value) ? mapEntries(value).map(([, element]) => element) : asList(value)) {
    if (!isMapping(item)) throw new Fault(`filter 'rekey_on_member' needs dicts, not ${typeName(item)}`);
    const key = keyOf(defined(itemOf(item, member)));
    if (made.has(key) && duplicates === 'error') throw new Fault(`the key ${brief(key)} is there twice`);
    made.set(key, item);
  }
  return made;
}

export const dictFilters = {
  rekey_on_member: plugin('key, duplicates?', (value, [key, duplicates]) => rekey(value, key, duplicates ?? 'error')),
  combine: plugin('*others, recursive?, list_merge?', (value, [recursive, listMerge, others]) =>
    combine(value, truth(recursive ?? false), asText(listMerge ?? 'replace', 'list_merge'), others as unknown[]),
  ),
  dict2items: plugin('key_name?, value_name?', (value, [key, name]) =>
    toItems(value, asText(key ?? 'key', 'key_name'), asText(name ?? 'value', 'value_name')),
  ),
  items2dict: plugin('key_name?, value_name?', (value, [key, name]) =>
    fromItems(value, asText(key ?? 'key', 'key_name'), asText(name ?? 'value', 'value_name')),
  ),
  items: plugin('', (value) => {
    if (!isMapping(value)) throw new Fault(`filter 'items' needs a dict, not ${typeName(value)}`);
    return mapEntries(value).map(([key, item]) => Tuple.of2(key, item));
  }),
  attr: plugin('name', (value, [name]) => attributeOf(value, asText(name, 'name'))),
};
