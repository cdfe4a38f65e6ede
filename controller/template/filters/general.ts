import { Float } from '../../../proto/float.ts';
import { Fault } from '../fault.ts';
import { plugin } from '../plugin.ts';
import { itemOf } from '../python/access.ts';
import { calculate } from '../python/arithmetic.ts';
import { asList, asText, printed } from '../python/coerce.ts';
import { truth } from '../python/compare.ts';
import { keyOf, mapEntries } from '../python/mapping.ts';
import { Members, sorted } from '../python/order.ts';
import { brief } from '../python/text.ts';
import { defined, isList, isMapping, numberOf, typeName, Undefined } from '../python/values.ts';
import { combine } from './dict.ts';
import { type KeyTest, keyTest } from './key-test.ts';

/** Milliseconds of each unit, under its short and long names; how many days a year and a month have may be said. */
function unitsOf(year: number, month: number): Readonly<Record<string, number>> {
  const [second, minute, hour, day] = [1000, 60_000, 3_600_000, 86_400_000];
  const names: readonly (readonly [number, readonly string[]])[] = [
    [1, ['ms', 'millisecond', 'msec', 'msecond']],
    [second, ['s', 'sec', 'second']],
    [minute, ['m', 'min', 'minute']],
    [hour, ['h', 'hour']],
    [day, ['d', 'day']],
    [7 * day, ['w', 'week']],
    [month * day, ['mo', 'month']],
    [year * day, ['y', 'year']],
  ];
  return Object.fromEntries(names.flatMap(([size, all]) => all.map((name) => [name, size])));
}

function sizeOf(name: string, units: Readonly<Record<string, number>>): number {
  const size = units[name] ?? units[name.replace(/s$/, '')];
  if (size === undefined) throw new Fault(`to_time_unit() can not convert to the following unit: ${name}`);
  return size;
}

/** `1h 30m` in another unit. */
function timeIn(text: string, unit: string, year: unknown, month: unknown): unknown {
  if (text === '0') return 0;
  const units = unitsOf(numberOf(year ?? 365) ?? 365, numberOf(month ?? 30) ?? 30);
  const total = text
    .split(/\s+/)
    .filter(Boolean)
    .map((part) => {
      const [, count, name = ''] = /^(-?\d+)([a-zA-Z]+)$/.exec(part) ?? [];
      if (count === undefined)
        throw new Fault(`to_time_unit() can not interpret following string: ${text}`, { hint: 'write it like 1h 30m' });
      return Number(count) * sizeOf(name, units);
    })
    .reduce((sum, each) => sum + each, 0);
  return Float.of(Number((total / sizeOf(unit, units)).toFixed(12)));
}

const toUnit = (unit: string) =>
  plugin('year?, month?', (value, [year, month]) => timeIn(printed(value), unit, year, month));

type Dict = Map<unknown, unknown>;

/** Lists joined by a key: later elements of the same key add to, and win over, earlier ones. */
function mergeBy(lists: readonly unknown[], key: string, merge: (low: unknown, high: unknown) => Dict): unknown[] {
  const made = new Map<unknown, Dict>();
  for (const item of lists.flatMap(asList)) {
    if (!isMapping(item)) throw new Fault(`filter 'lists_mergeby' needs dicts, not ${typeName(item)}`);
    const found = itemOf(item, key);
    if (found instanceof Undefined) continue;
    const name = keyOf(found);
    made.set(name, merge(made.get(name) ?? new Map(), item));
  }
  return sorted([...made.values()], (item) => itemOf(item, key), false);
}

const isNested = (value: unknown): boolean => isMapping(value) || isList(value);
const isEmpty = (value: unknown): boolean =>
  isMapping(value) ? mapEntries(value).length === 0 : isList(value) && value.length === 0;

/** What is left of a dict, at any depth, when only keys stay that some target means. */
function kept(value: unknown, tests: readonly KeyTest[]): unknown {
  if (isList(value)) return value.map((item) => kept(item, tests));
  if (!isMapping(value)) return value;
  const made: Dict = new Map();
  for (const [key, item] of mapEntries(value)) {
    for (const test of tests) {
      const inner = test(printed(key)) ? item : isNested(item) ? kept(item, tests) : [];
      if (test(printed(key)) || !isEmpty(inner)) made.set(key, inner);
    }
  }
  return made;
}

/** The same without the keys that some target means. */
function removed(value: unknown, tests: readonly KeyTest[]): unknown {
  if (isList(value)) {
    return value.map((item) => removed(item, tests)).filter((item) => !isMapping(item) || !isEmpty(item));
  }
  if (!isMapping(value)) return value;
  const left = mapEntries(value).filter(([key]) => !tests.some((test) => test(printed(key))));
  return new Map(left.map(([key, item]) => [key, removed(item, tests)]));
}

/** Of a list of dicts as community.general has it; of a dict, or with `deep`, as ansible.utils does: in all that is in it, too. */
const onKeys = (keep: boolean, deep = false) =>
  plugin('target, matching_parameter?', (value, [target, how]) => {
    const tests = (isList(target) ? target : [target]).map((each) =>
      keyTest(asText(each, 'target'), asText(how ?? 'equal', 'matching_parameter')),
    );
    if (tests.length === 0) throw new Fault("'target' names no key");
    if (deep || isMapping(value)) return keep ? kept(value, tests) : removed(value, tests);
    return asList(value).map((item) => {
      if (!isMapping(item)) throw new Fault(`dicts are needed, not ${typeName(item)}`);
      return new Map(mapEntries(item).filter(([key]) => tests.some((test) => test(printed(key))) === keep));
    });
  });

/** Natural order: numbers in the texts count as numbers. */
function versionOrder(a: string, b: string): number {
  const [one, two] = [a, b].map((text) => text.match(/\d+|[a-z]+|[^\da-z.]+/g) ?? []);
  for (let index = 0; index < Math.max(one?.length ?? 0, two?.length ?? 0); index++) {
    const [left, right] = [one?.[index], two?.[index]];
    if (left === right) continue;
    if (left === undefined || right === undefined) return left === undefined ? -1 : 1;
    const numbers = [Number(left), Number(right)] as const;
    if (!Number.isNaN(numbers[0]) && !Number.isNaN(numbers[1])) return numbers[0] - numbers[1];
    return left < right ? -1 : 1;
  }
  return 0;
}

const listsFilter = (join: (lists: readonly (readonly unknown[])[]) => unknown[]) =>
  plugin('*others, flatten?', (value, [flatten, others]) => {
    const all = [value, ...(others as unknown[])];
    const lists = truth(flatten ?? false)
      ? all.map(listOf).flatMap((list) => (list.every(isList) ? list : [list]))
      : all;
    return lists.length > 1 ? join(lists.map(listOf)) : (lists[0] ?? []);
  });

function listOf(value: unknown): readonly unknown[] {
  if (!isList(defined(value))) throw new Fault(`a list is needed, not ${typeName(value)}`);
  return asList(value);
}

/** What a loop over a list or a text gives. */
function sequenceOf(value: unknown, filter: string): readonly unknown[] {
  if (!isList(defined(value)) && typeof value !== 'string')
    throw new Fault(
      `Argument for community.general.${filter} must be a sequence (string or list), not ${typeName(value)}`,
    );
  return asList(value);
}

/** How often each element is there. */
function counted(items: readonly unknown[]): Map<unknown, number> {
  const counts = new Map<unknown, number>();
  for (const item of items) {
    if (isNested(item))
      throw new Fault(`community.general.counter needs a sequence with hashable elements, not ${typeName(item)}`);
    counts.set(keyOf(item), (counts.get(keyOf(item)) ?? 0) + 1);
  }
  return counts;
}

/** The dicts of a list by the value that each of them alone has for an attribute. */
function byAttribute(value: unknown, attribute: unknown): Map<unknown, unknown> {
  if (!isList(defined(value)) && typeof value !== 'string') throw new Fault('Input is not a sequence');
  const made = new Map<unknown, unknown>();
  for (const [at, item] of asList(value).entries()) {
    if (!isMapping(item)) throw new Fault(`Sequence element #${at} is not a mapping`);
    const found = itemOf(item, attribute);
    if (found instanceof Undefined) throw new Fault(`Attribute not contained in element #${at} of sequence`);
    const key = keyOf(found);
    if (made.has(key)) throw new Fault(`Multiple sequence entries have attribute value ${brief(key)}`);
    made.set(key, item);
  }
  return made;
}

function unique(items: readonly unknown[]): unknown[] {
  const seen = new Members();
  return items.filter((item) => {
    if (seen.has(item)) return false;
    seen.add(item);
    return true;
  });
}

/** The much used filters of community.general and ansible.utils that are no matter of addresses. */
export const generalFilters = {
  accumulate: plugin('', (value) => {
    const made: unknown[] = [];
    for (const item of sequenceOf(value, 'accumulate'))
      made.push(made.length === 0 ? item : calculate('+', made.at(-1), item));
    return made;
  }),
  counter: plugin('', (value) => counted(sequenceOf(value, 'counter'))),
  dict: plugin('', (value) => new Map(asList(value).map((pair) => [keyOf(itemOf(pair, 0)), itemOf(pair, 1)]))),
  dict_kv: plugin('key', (value, [key]) => new Map([[keyOf(key), value]])),
  groupby_as_dict: plugin('attribute', (value, [attribute]) => byAttribute(value, attribute)),
  index_of: plugin('test, value?, key?, fail_on_missing?, wantlist?', (value, args, engine) => {
    const [test, wanted, key, strict, wantsList] = args;
    const [, not, name = ''] = /^(!(?!=)|not )?(.*)$/s.exec(asText(test, 'test')) ?? [];
    const right = name === 'in' && !isList(wanted) ? [wanted] : wanted;
    const given = { positional: wanted === undefined ? [] : [right], named: new Map<string, unknown>() };
    const hits = asList(value).flatMap((item, index) => {
      const member = key === undefined ? item : itemOf(item, key);
      if (member instanceof Undefined && truth(strict ?? false)) throw new Fault(`${brief(key)} was not found`);
      return !(member instanceof Undefined) && engine.test(name, member, given) === (not === undefined) ? [index] : [];
    });
    return hits.length === 1 && !truth(wantsList ?? false) ? hits[0] : hits;
  }),
  get_path: plugin('path, wantlist?', (value, [path, wantsList]) => {
    const parts = [...asText(path, 'path').matchAll(/([^.[\]]+)|\[(?:'([^']*)'|"([^"]*)"|(-?\d+))\]/g)];
    const found = parts.reduce<unknown>((object, [, name, single, double, index]) => {
      const key = name ?? single ?? double;
      const place = key === undefined ? Number(index) : isList(object) && /^\d+$/.test(key) ? Number(key) : key;
      return defined(itemOf(object, place));
    }, value);
    return truth(wantsList ?? false) ? [found] : found;
  }),
  keep_keys: onKeys(true),
  'ansible.utils.keep_keys': onKeys(true, true),
  remove_keys: onKeys(false),
  'ansible.utils.remove_keys': onKeys(false, true),
  lists_difference: listsFilter(([first = [], ...others]) => {
    const known = new Members(others.flat());
    return unique(first).filter((item) => !known.has(item));
  }),
  lists_intersect: listsFilter(([first = [], ...others]) => {
    const known = others.map((list) => new Members(list));
    return unique(first).filter((item) => known.every((list) => list.has(item)));
  }),
  lists_symmetric_difference: listsFilter(([first = [], ...others]) =>
    others.reduce<unknown[]>((apart, list) => {
      const [known, other] = [new Members(apart), new Members(list)];
      return [...apart.filter((item) => !other.has(item)), ...unique(list).filter((item) => !known.has(item))];
    }, unique(first)),
  ),
  lists_union: listsFilter((lists) => unique(lists.flat())),
  lists_mergeby: plugin('*lists, recursive?, list_merge?', (value, [recursive, listMerge, rest]) => {
    const lists = [value, ...(rest as unknown[])];
    const key = asText(lists.pop(), 'index');
    const all = lists.length === 1 && asList(lists[0]).every(isList) ? asList(lists[0]) : lists;
    const [deep, how] = [truth(recursive ?? false), asText(listMerge ?? 'replace', 'list_merge')];
    return mergeBy(all, key, (low, high) => combine(low, deep, how, [high]));
  }),
  to_time_unit: plugin('unit?, year?, month?', (value, [unit, year, month]) =>
    timeIn(printed(value), asText(unit ?? 'ms', 'unit'), year, month),
  ),
  to_milliseconds: toUnit('ms'),
  to_seconds: toUnit('s'),
  to_minutes: toUnit('m'),
  to_hours: toUnit('h'),
  to_days: toUnit('d'),
  to_weeks: toUnit('w'),
  to_months: toUnit('mo'),
  to_years: toUnit('y'),
  version_sort: plugin('reverse?', (value, [reverse]) => {
    const sorted = asList(value).map(printed).sort(versionOrder);
    return numberOf(reverse ?? 0) ? sorted.reverse() : sorted;
  }),
};
