import { Float } from '../../../proto/float.ts';
import { itemOf } from '../access.ts';
import { calculate } from '../arithmetic.ts';
import { asList, asText, printed } from '../coerce.ts';
import { Fault } from '../fault.ts';
import { keyOf, mapEntries } from '../mapping.ts';
import { Members } from '../order.ts';
import { plugin } from '../plugin.ts';
import { brief } from '../text.ts';
import { defined, isList, isMapping, numberOf, typeName } from '../values.ts';

/** Milliseconds of each unit, under its short and long names. */
const units: Readonly<Record<string, number>> = (() => {
  const [second, minute, hour, day] = [1000, 60_000, 3_600_000, 86_400_000];
  const names: readonly (readonly [number, readonly string[]])[] = [
    [1, ['ms', 'millisecond', 'msec', 'msecond']],
    [second, ['s', 'sec', 'second']],
    [minute, ['m', 'min', 'minute']],
    [hour, ['h', 'hour']],
    [day, ['d', 'day']],
    [7 * day, ['w', 'week']],
    [30 * day, ['mo', 'month']],
    [365 * day, ['y', 'year']],
  ];
  return Object.fromEntries(names.flatMap(([size, all]) => all.map((name) => [name, size])));
})();

function unitOf(name: string): number {
  const size = units[name] ?? units[name.replace(/s$/, '')];
  if (size === undefined) throw new Fault(`there is no unit of time '${name}'`);
  return size;
}

/** `1h 30m` in another unit. */
function timeIn(text: string, unit: string): unknown {
  if (text === '0') return 0;
  const total = text
    .split(/\s+/)
    .filter(Boolean)
    .map((part) => {
      const [, count, name] = /^(-?\d+)(\w+)$/.exec(part) ?? [];
      if (count === undefined || name === undefined) throw new Fault(`'${text}' is not a time such as '1h 30m'`);
      return Number(count) * unitOf(name);
    })
    .reduce((sum, each) => sum + each, 0);
  return Float.of(Number((total / unitOf(unit)).toFixed(12)));
}

const toUnit = (unit: string) => plugin('', (value) => timeIn(printed(value), unit));

/** Lists joined by a key: later elements of the same key add to, and win over, earlier ones. */
function mergeBy(lists: readonly unknown[], key: string): unknown[] {
  const made = new Map<unknown, Map<unknown, unknown>>();
  for (const item of lists.flatMap(asList)) {
    if (!isMapping(item)) throw new Fault(`filter 'lists_mergeby' needs dicts, not ${typeName(item)}`);
    const name = keyOf(defined(itemOf(item, key)));
    made.set(name, new Map([...(made.get(name) ?? []), ...mapEntries(item)]));
  }
  return [...made.values()].sort((a, b) => (printed(a.get(key)) < printed(b.get(key)) ? -1 : 1));
}

/** Which keys a filter on keys means: those that are equal to, start or end with, or fit one of `targets`. */
function keyTest(targets: unknown, how: string): (key: string) => boolean {
  const wanted = (isList(targets) ? targets : [targets]).map((target) => asText(target, 'target'));
  if (how === 'equal') return (key) => wanted.includes(key);
  if (how === 'starts_with') return (key) => wanted.some((target) => key.startsWith(target));
  if (how === 'ends_with') return (key) => wanted.some((target) => key.endsWith(target));
  throw new Fault("'matching_parameter' must be 'equal', 'starts_with' or 'ends_with'");
}

const onKeys = (keep: boolean) =>
  plugin('target, matching_parameter?', (value, [target, how]) => {
    const holds = keyTest(target, asText(how ?? 'equal', 'matching_parameter'));
    return asList(value).map((item) => {
      if (!isMapping(item)) throw new Fault(`dicts are needed, not ${typeName(item)}`);
      return new Map(mapEntries(item).filter(([key]) => holds(printed(key)) === keep));
    });
  });

/** Natural order: numbers in the texts count as numbers. */
function versionOrder(a: string, b: string): number {
  const [one, two] = [a, b].map((text) => text.match(/\d+|[a-z]+/gi) ?? []);
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
  plugin('*others, flatten?', (value, [, others]) => {
    const all = [value, ...(others as unknown[])];
    return join((all.length === 1 ? asList(value) : all).map(asList));
  });

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
    for (const item of asList(value)) made.push(made.length === 0 ? item : calculate('+', made.at(-1), item));
    return made;
  }),
  counter: plugin('', (value) => {
    const counts = new Map<unknown, number>();
    for (const item of asList(value)) counts.set(keyOf(item), (counts.get(keyOf(item)) ?? 0) + 1);
    return counts;
  }),
  dict: plugin('', (value) => new Map(asList(value).map((pair) => [keyOf(itemOf(pair, 0)), itemOf(pair, 1)]))),
  dict_kv: plugin('key', (value, [key]) => new Map([[keyOf(key), value]])),
  groupby_as_dict: plugin('attribute', (value, [attribute]) => {
    const made = new Map<unknown, unknown>();
    for (const item of asList(value)) {
      const key = keyOf(defined(itemOf(item, attribute)));
      if (made.has(key)) throw new Fault(`the value ${brief(key)} is there twice`);
      made.set(key, item);
    }
    return made;
  }),
  index_of: plugin('test, value?', (value, [test, wanted], engine) => {
    const name = asText(test, 'test');
    const given = { positional: wanted === undefined ? [] : [wanted], named: new Map<string, unknown>() };
    const hits = asList(value).flatMap((item, index) => (engine.test(name, item, given) ? [index] : []));
    return hits.length === 1 ? hits[0] : hits;
  }),
  get_path: plugin('path', (value, [path]) => {
    const parts = [...asText(path, 'path').matchAll(/([^.[\]]+)|\[(?:'([^']*)'|"([^"]*)"|(-?\d+))\]/g)];
    return parts.reduce<unknown>((object, [, name, single, double, index]) => {
      const key = name ?? single ?? double;
      const place = key === undefined ? Number(index) : isList(object) && /^\d+$/.test(key) ? Number(key) : key;
      return defined(itemOf(object, place));
    }, value);
  }),
  keep_keys: onKeys(true),
  remove_keys: onKeys(false),
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
  lists_mergeby: plugin('*lists, recursive?, list_merge?', (value, [, , rest]) => {
    const lists = [value, ...(rest as unknown[])];
    const key = asText(lists.pop(), 'index');
    const all = lists.length === 1 && asList(lists[0]).every(isList) ? asList(lists[0]) : lists;
    return mergeBy(all, key);
  }),
  to_time_unit: plugin('unit?', (value, [unit]) => timeIn(printed(value), asText(unit ?? 'ms', 'unit'))),
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
