import { Fault } from '../fault.ts';
import { checkItems } from '../limits.ts';
import { plugin } from '../plugin.ts';
import { itemOf, pathOf } from '../python/access.ts';
import { asInteger, asList } from '../python/coerce.ts';
import { compare, truth } from '../python/compare.ts';
import { distinct, sorted, sortKey } from '../python/order.ts';
import { sumOf } from '../python/sum.ts';
import { characters } from '../python/text.ts';
import { definedOrNoElse, isList, isMapping, Tuple, Undefined } from '../python/values.ts';

const length = plugin('', (value) => (typeof value === 'string' ? characters(value).length : asList(value).length));

const nothing = (what: string) => new Undefined(`No ${what} item, sequence was empty.`, '', () => []);

function extreme(value: unknown, caseSensitive: unknown, attribute: unknown, wanted: number): unknown {
  const key = sortKey(attribute, truth(caseSensitive ?? false));
  const items = asList(value);
  if (items.length === 0) return nothing('aggregated');
  return items.reduce((best, item) => (Math.sign(compare(key(item), key(best))) === wanted ? item : best));
}

function flatten(items: readonly unknown[], levels: number, skipNulls: boolean): unknown[] {
  return items.flatMap((item) => {
    if (skipNulls && (item === null || item === 'None' || item === 'null')) return [];
    if (!isList(item)) return [item];
    return levels === 0 ? [item] : flatten(item, levels - 1, skipNulls);
  });
}

function batch(items: readonly unknown[], size: number, fill: unknown): unknown[][] {
  if (size < 1) throw new Fault("'linecount' must be at least 1");
  const rows: unknown[][] = [];
  for (let at = 0; at < items.length; at += size) rows.push(items.slice(at, at + size));
  const last = rows.at(-1);
  if (last && fill !== undefined && fill !== null) {
    checkItems(size);
    while (last.length < size) last.push(fill);
  }
  return rows;
}

/** Jinja2's slice: `count` columns whose lengths differ by one at most. */
function slice(items: readonly unknown[], count: number, fill: unknown): unknown[][] {
  if (count < 1) throw new Fault("'slices' must be at least 1");
  checkItems(count);
  const size = Math.floor(items.length / count);
  const longer = items.length % count;
  return Array.from({ length: count }, (_, index) => {
    const start = index * size + Math.min(index, longer);
    const column = items.slice(start, start + size + (index < longer ? 1 : 0));
    return fill !== undefined && fill !== null && index >= longer ? [...column, fill] : column;
  });
}

function zip(lists: readonly (readonly unknown[])[], count: number, fill: unknown): unknown[] {
  return Array.from({ length: count }, (_, index) =>
    Tuple.from(lists, (list) => (index < list.length ? list[index] : (fill ?? null))),
  );
}

function product(factors: readonly (readonly unknown[])[], repeat: number): unknown[] {
  checkItems(factors.length * Math.max(0, repeat));
  const lists = Array.from({ length: Math.max(0, repeat) }, () => factors).flat();
  checkItems(lists.reduce((size, list) => size * list.length, 1));
  return lists
    .reduce<unknown[][]>((rows, list) => rows.flatMap((row) => list.map((item) => [...row, item])), [[]])
    .map((row) => Tuple.from(row));
}

/** Ways to pick `size` of the items: in any order for permutations, in theirs for combinations. */
function picks(items: readonly unknown[], size: number, ordered: boolean): unknown[] {
  const ways = Array.from(
    { length: Math.max(0, size) },
    (_, index) => (items.length - index) / (ordered ? 1 : index + 1),
  );
  checkItems(ways.reduce((product, factor) => product * Math.max(0, factor), 1));
  const rows: unknown[] = [];
  const extend = (picked: unknown[], rest: readonly number[]) => {
    if (picked.length === size) {
      rows.push(Tuple.from(picked));
      return;
    }
    rest.forEach((index, position) => {
      const others = ordered ? rest.filter((other) => other !== index) : rest.slice(position + 1);
      extend([...picked, items[index]], others);
    });
  };
  extend([], [...items.keys()]);
  return rows;
}

const flag = (value: unknown): boolean => truth(value ?? false);
const lists = (value: unknown, others: unknown) => [value, ...(others as unknown[])].map(asList);

export const listFilters = {
  length,
  count: length,
  list: plugin('', (value) => asList(value).map(definedOrNoElse)),
  first: plugin('', (value) => asList(value)[0] ?? (asList(value).length > 0 ? null : nothing('first'))),
  last: plugin('', (value) => asList(value).at(-1) ?? (asList(value).length > 0 ? null : nothing('last'))),
  min: plugin('case_sensitive?, attribute?', (value, [exact, attribute]) => extreme(value, exact, attribute, -1)),
  max: plugin('case_sensitive?, attribute?', (value, [exact, attribute]) => extreme(value, exact, attribute, 1)),
  sum: plugin('attribute?, start?', (value, [attribute, start]) =>
    sumOf(
      asList(value).map((item) =>
        definedOrNoElse(attribute === undefined || attribute === null ? item : pathOf(item, attribute)),
      ),
      start ?? 0,
    ),
  ),
  sort: plugin('reverse?, case_sensitive?, attribute?', (value, [reverse, exact, attribute]) =>
    sorted(asList(value), sortKey(attribute, flag(exact)), flag(reverse)),
  ),
  unique: plugin('case_sensitive?, attribute?', (value, [exact, attribute]) => {
    const items = asList(value);
    // As in Ansible, whose own filter works where elements have no hash.
    const hasNoHash = (item: unknown) => isMapping(item) || (isList(item) && !(item instanceof Tuple));
    return distinct(items, sortKey(attribute, flag(exact) || ((attribute ?? null) === null && items.some(hasNoHash))));
  }),
  reverse: plugin('', (value) =>
    typeof value === 'string' ? Array.from(characters(value)).reverse().join('') : [...asList(value)].reverse(),
  ),
  flatten: plugin('levels?, skip_nulls?', (value, [levels, skipNulls]) =>
    flatten(asList(value), asInteger(levels ?? undefined, 'levels', -1), truth(skipNulls ?? true)),
  ),
  batch: plugin('linecount, fill_with?', (value, [size, fill]) =>
    batch(asList(value), asInteger(size, 'linecount'), fill),
  ),
  slice: plugin('slices, fill_with?', (value, [count, fill]) => slice(asList(value), asInteger(count, 'slices'), fill)),
  zip: plugin('*others', (value, [others]) => {
    const all = lists(value, others);
    return zip(all, Math.min(...all.map((list) => list.length)), null);
  }),
  zip_longest: plugin('*others, fillvalue?', (value, [fill, others]) => {
    const all = lists(value, others);
    return zip(all, Math.max(...all.map((list) => list.length)), fill);
  }),
  product: plugin('*others, repeat?', (value, [repeat, others]) =>
    product(lists(value, others), asInteger(repeat ?? undefined, 'repeat', 1)),
  ),
  permutations: plugin('r?', (value, [size]) => picks(asList(value), asInteger(size, 'r', asList(value).length), true)),
  combinations: plugin('r', (value, [size]) => picks(asList(value), asInteger(size, 'r'), false)),
  extract: plugin('container, morekeys?', (value, [container, more]) =>
    [value, ...(more === undefined || more === null ? [] : isList(more) ? more : [more])].reduce<unknown>(
      (object, key) => itemOf(object, key),
      container,
    ),
  ),
};
