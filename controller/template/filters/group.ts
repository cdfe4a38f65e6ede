import { Fault } from '../fault.ts';
import { checkItems } from '../limits.ts';
import { plugin } from '../plugin.ts';
import { attributeOf, pathOf } from '../python/access.ts';
import { asList, asText } from '../python/coerce.ts';
import { equals, truth } from '../python/compare.ts';
import { mapEntries } from '../python/mapping.ts';
import { sorted, sortKey } from '../python/order.ts';
import { brief } from '../python/text.ts';
import { defined, Group, isList, isMapping, Tuple, typeName, Undefined } from '../python/values.ts';

/** Groups of (value, its elements), sorted by value. */
function groupBy(value: unknown, attribute: unknown, fallback: unknown, exact: boolean): unknown[] {
  const labelOf = (item: unknown): unknown => {
    const found = pathOf(item, attribute);
    return defined(found instanceof Undefined ? (fallback ?? found) : found);
  };
  const fold = sortKey(undefined, exact);
  const groups: { key: unknown; label: unknown; items: unknown[] }[] = [];
  for (const item of sorted(asList(value), (element) => fold(labelOf(element)), false)) {
    const label = labelOf(item);
    const key = fold(label);
    const last = groups.at(-1);
    if (last && equals(last.key, key)) last.items.push(item);
    else groups.push({ key, label, items: [item] });
  }
  return groups.map(({ label, items }) => Group.of2(label, items));
}

/** Pairs of an element and each member of one of its lists. */
function subelements(value: unknown, path: unknown, skipMissing: boolean): unknown[] {
  if (!isMapping(value) && !isList(value)) throw new Fault('obj must be a list of dicts or a nested dict');
  if (!isList(path) && typeof path !== 'string') throw new Fault('subelements must be a list or a string');
  const elements = isMapping(value) ? mapEntries(value).map(([, item]) => item) : value;
  const names = isList(path) ? path.map((name) => asText(name, 'subelements')) : path.split('.');
  if (names.length === 0) throw new Fault('subelements is empty');
  const pairs = elements.flatMap((element) => {
    const members = names.reduce<unknown>((object, name) => {
      if (isMapping(object) || object instanceof Undefined) return attributeOf(object, name);
      throw new Fault(`the value before '${name}' should point to a dictionary, not ${typeName(object)}`);
    }, element);
    if (members instanceof Undefined) {
      if (skipMissing) return [];
      throw new Fault(`could not find '${names.join('.')}' in ${brief(element)}`);
    }
    if (!isList(members)) throw new Fault(`the key '${names.at(-1)}' should point to a list, not ${typeName(members)}`);
    return asList(members).map((member) => Tuple.of2(element, member));
  });
  checkItems(pairs.length);
  return pairs;
}

function dictSort(value: unknown, exact: boolean, by: unknown, reverse: boolean): unknown[] {
  if (!isMapping(value)) throw new Fault("filter 'dictsort' needs a dict");
  if (by !== 'key' && by !== 'value') throw new Fault("'by' must be 'key' or 'value'");
  const fold = sortKey(undefined, exact);
  const pairs = mapEntries(value).map(([key, item]) => Tuple.of2(key, item));
  const place = by === 'key' ? 0 : 1;
  return sorted(pairs, (pair) => fold(asList(pair)[place]), reverse);
}

export const groupFilters = {
  groupby: plugin('attribute, default?, case_sensitive?', (value, [attribute, fallback, exact]) =>
    groupBy(value, attribute, fallback, truth(exact ?? false)),
  ),
  subelements: plugin('subelements, skip_missing?', (value, [path, skipMissing]) =>
    subelements(value, path, truth(skipMissing ?? false)),
  ),
  dictsort: plugin('case_sensitive?, by?, reverse?', (value, [exact, by, reverse]) =>
    dictSort(value, truth(exact ?? false), by ?? 'key', truth(reverse ?? false)),
  ),
};
