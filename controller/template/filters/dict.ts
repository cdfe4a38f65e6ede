import { Fault } from '../fault.ts';
import { plugin } from '../plugin.ts';
import { attributeOf, itemOf, ownAttributeOf } from '../python/access.ts';
import { asText } from '../python/coerce.ts';
import { equals, truth } from '../python/compare.ts';
import { keyOf, mapCopy, mapEntries } from '../python/mapping.ts';
import { brief } from '../python/text.ts';
import {
  defined,
  definedOrNoElse,
  isList,
  isMapping,
  type Mapping,
  Tuple,
  typeName,
  Undefined,
} from '../python/values.ts';

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

interface Merging {
  readonly recursive: boolean;
  readonly lists: ListMerge;
  /** Throws for what can't be merged. */
  readonly check?: (dict: Mapping) => void;
}

function merge(low: Mapping, high: Mapping, merging: Merging): Map<unknown, unknown> {
  const { recursive, lists, check } = merging;
  if (equals(low, high)) return mapCopy(high);
  const merged = mapCopy(low);
  for (const [key, value] of mapEntries(high)) {
    const old = merged.get(key);
    if (recursive && isMapping(old) && isMapping(value)) {
      check?.(old);
      check?.(value);
      merged.set(key, merge(old, value, merging));
    } else if (isList(old) && isList(value)) merged.set(key, lists(old, value));
    else merged.set(key, value);
  }
  return merged;
}

/** One mapping over another, at any depth; lists are replaced. */
export function mergedMapping(low: Mapping, high: Mapping): Map<unknown, unknown> {
  return merge(low, high, { recursive: true, lists: (_, fresh) => [...fresh] });
}

export function combine(
  value: unknown,
  recursive: boolean,
  listMerge: string,
  others: readonly unknown[],
): Map<unknown, unknown> {
  const lists = listMerges.get(listMerge);
  if (!lists) throw new Fault(`'list_merge' must be one of ${[...listMerges.keys()].join(', ')}`);
  const dicts = [value, ...others]
    .flatMap((item) => (isList(item) ? item : [item]))
    .filter((item) => item !== null)
    .map((item) => {
      const dict = defined(item);
      if (!isMapping(dict)) throw new Fault(`failed to combine variables, expected dicts but got ${typeName(item)}`);
      checkMembers(dict);
      return dict;
    });
  // The later ones first: what they add to lists is told apart from what was there by equality.
  const merging = { recursive, lists, check: checkMembers };
  return dicts.reduceRight<Map<unknown, unknown>>((high, low) => merge(low, high, merging), new Map());
}

/** Throws for a member that does not exist, also where another one overrides it. */
function checkMembers(dict: Mapping): void {
  for (const [, member] of mapEntries(dict)) definedOrNoElse(member);
}

function toItems(value: unknown, keyName: string, valueName: string): unknown[] {
  if (!isMapping(value)) throw new Fault(`dict2items requires a dictionary, got <class '${typeName(value)}'> instead.`);
  return mapEntries(value).map(
    ([key, item]) =>
      new Map([
        [keyName, key],
        [valueName, item],
      ]),
  );
}

function fromItems(value: unknown, keyName: string, valueName: string): Map<unknown, unknown> {
  if (!isList(value)) throw new Fault(`items2dict requires a list, got <class '${typeName(value)}'> instead.`);
  return new Map(
    value.map((item) => {
      if (!isMapping(item)) throw new Fault(`items2dict requires a list of dictionaries, got ${brief(value)} instead.`);
      const [key, member] = [keyName, valueName].map((name) => attributeOf(item, name));
      if (key instanceof Undefined || member instanceof Undefined) {
        const keys = `'${keyName}' and '${valueName}'`;
        throw new Fault(`items2dict requires each dictionary in the list to contain the keys ${keys}`);
      }
      return [keyOf(key), member];
    }),
  );
}

/** A dict by one member of each of its elements. */
function rekey(value: unknown, member: unknown, duplicates: unknown): Map<unknown, unknown> {
  if (duplicates !== 'error' && duplicates !== 'overwrite') {
    throw new Fault(`duplicates parameter to rekey_on_member has unknown value: ${brief(duplicates)}`);
  }
  if (!isMapping(value) && !isList(value)) throw new Fault('Type is not a valid list, set, or dict');
  const made = new Map<unknown, unknown>();
  for (const item of isMapping(value) ? mapEntries(value).map(([, element]) => element) : value) {
    if (!isMapping(item)) throw new Fault(`List item is not a valid dict, but ${typeName(item)}`);
    const found = itemOf(item, member);
    if (found instanceof Undefined) throw new Fault(`Key ${brief(member)} was not found in ${brief(item)}`);
    const key = keyOf(found);
    if (made.has(key) && duplicates === 'error') {
      throw new Fault(`Key ${brief(key)} is not unique, cannot correctly turn into dict`);
    }
    made.set(key, item);
  }
  return made;
}

export const dictFilters = {
  rekey_on_member: plugin('key, duplicates?', (value, [key, duplicates]) => rekey(value, key, duplicates ?? 'error')),
  combine: plugin('*others, recursive?, list_merge?, **options', (value, [recursive, listMerge, others, unknown]) => {
    if ((unknown as ReadonlyMap<string, unknown>).size > 0) {
      throw new Fault("'recursive' and 'list_merge' are the only valid keyword arguments");
    }
    return combine(value, truth(recursive ?? false), asText(listMerge ?? 'replace', 'list_merge'), others as unknown[]);
  }),
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
  attr: plugin('name', (value, [name]) => ownAttributeOf(value, asText(name, 'name'))),
};
