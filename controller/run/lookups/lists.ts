import { Fault } from '../../template/fault.ts';
import { asList } from '../../template/python/coerce.ts';
import { dataEntries } from '../../template/python/mapping.ts';
import { repr, str } from '../../template/python/text.ts';
import type { Lookup } from '../../template/types.ts';
import { sequence } from './sequence.ts';
import { isYes, lookupError } from './terms.ts';

type Mapping = Readonly<Record<string, unknown>>;

const isMapping = (value: unknown): value is Mapping =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  Object.getPrototypeOf(value) !== Map.prototype;

/** A mapping of a template as pairs. */
function entriesOf(value: unknown): [unknown, unknown][] | undefined {
  return value instanceof Map ? [...value] : isMapping(value) ? dataEntries(value) : undefined;
}

/** The same with texts as keys. */
function pairs(value: unknown): [string, unknown][] | undefined {
  return entriesOf(value)?.map(([key, item]) => [String(key), item]);
}

const lists = (terms: readonly unknown[]): readonly (readonly unknown[])[] =>
  terms.map((term) => (Array.isArray(term) ? term : [term]));

function product(parts: readonly (readonly unknown[])[]): unknown[][] {
  return parts.reduce<unknown[][]>(
    (rows, part) => rows.flatMap((row) => part.map((item) => [...row, item])),
    parts.length === 0 ? [] : [[]],
  );
}

function nested(terms: readonly unknown[]): unknown[] {
  const [first, ...others] = lists(terms);
  if (!first) throw lookupError('nested', 'with_nested requires at least one element in the nested list');
  // Lists inside of lists are flattened once at each step, and at the end.
  const rows = others.reduce((row, part) => row.flatMap((left) => part.map((right) => [left, right].flat())), first);
  return rows.map((row) => asList(row).flat());
}

function dict(terms: readonly unknown[]): unknown[] {
  return terms.flatMap((term) => {
    const entries = entriesOf(term);
    if (!entries) throw lookupError('dict', `the 'dict' lookup plugin expects a dictionary, got ${repr(term)}`);
    return entries.map(([key, value]) => ({ key, value }));
  });
}

function flattened(terms: readonly unknown[]): unknown[] {
  return terms.flatMap((term) => (Array.isArray(term) ? flattened(term) : term === null ? [] : [term]));
}

/** A record without what stands at the end of a dotted path. */
function without(record: unknown, path: string): unknown {
  const [key = '', ...rest] = path.split('.');
  const entries = pairs(record) ?? [];
  if (rest.length === 0) return Object.fromEntries(entries.filter(([name]) => name !== key));
  const shorter = ([name, value]: [string, unknown]): [string, unknown] =>
    name === key ? [name, without(value, rest.join('.'))] : [name, value];
  return Object.fromEntries(entries.map(shorter));
}

const expects = 'subelements lookup expects a list of two or three items';

function subelements(terms: readonly unknown[]): unknown[] {
  const [all, path, flags = {}] = terms;
  if (terms.length < 2 || terms.length > 3) throw new Fault(`${expects}`);
  if (!(Array.isArray(all) || isMapping(all)) || typeof path !== 'string') {
    throw new Fault(`${expects}, first a dict or a list, second a string pointing to the subkey`);
  }
  if (!isMapping(flags) || Object.keys(flags).some((name) => name !== 'skip_missing')) {
    throw new Fault(`${expects}, the optional third item must be a dict with flags skip_missing`);
  }
  if (wasSkipped(all)) return [];
  const records: unknown[] = Array.isArray(all) ? all : Object.values(all);
  return records.flatMap((record: unknown) => {
    if (!isMapping(record)) throw new Fault(`subelements lookup expects a dictionary, got '${str(record)}'`);
    if (wasSkipped(record)) return [];
    return inside(record, path, isYes(flags.skip_missing)).map((item) => [without(record, path), item]);
  });
}

/** Such as the result of a task that was skipped. */
const wasSkipped = (value: unknown): boolean => isMapping(value) && (value.skipped ?? false) !== false;

/** The list at the end of a path such as `mysql.hosts`; empty where part of it is missing, and that is no matter. */
function inside(record: Readonly<Record<string, unknown>>, path: string, skipMissing: boolean): readonly unknown[] {
  const keys = path.split('.');
  let value: unknown = record;
  for (const [index, key] of keys.entries()) {
    if (!isMapping(value) || !Object.hasOwn(value, key)) {
      if (skipMissing) return [];
      throw new Fault(`could not find '${key}' key in iterated item '${str(value)}'`);
    }
    value = value[key];
    const last = index === keys.length - 1;
    if (last ? Array.isArray(value) : isMapping(value)) continue;
    if (skipMissing && !last) return [];
    throw new Fault(`the key ${key} should point to a ${last ? 'list' : 'dictionary'}, got '${str(value)}'`);
  }
  return value as readonly unknown[];
}

/** Lookups that make lists of lists; `with_NAME` loops over them. */
export const listLookups: Readonly<Record<string, Lookup>> = {
  items: (terms) => terms.flat(),
  list: (terms) => [...terms],
  flattened,
  dict,
  nested,
  cartesian: (terms) => product(lists(terms).map((part) => part.flat())),
  together: (terms) => {
    const columns = lists(terms);
    if (columns.length === 0) throw lookupError('together', 'with_together requires at least one element in each list');
    const longest = Math.max(0, ...columns.map((column) => column.length));
    return Array.from({ length: longest }, (_, index) => columns.flatMap((column) => column[index] ?? null));
  },
  indexed_items: (terms) => terms.flat().map((item, index) => [index, item]),
  subelements,
  sequence: (terms, options) => (terms.length === 0 ? [{}] : terms).flatMap((term) => sequence(term, options)),
  random_choice: (terms) => (terms.length === 0 ? [] : [terms[Math.floor(Math.random() * terms.length)]]),
};
