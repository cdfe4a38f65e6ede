import { Fault } from '../../template/fault.ts';
import { dataEntries } from '../../template/mapping.ts';
import { repr } from '../../template/text.ts';
import type { Lookup } from '../../template/types.ts';
import { sequence } from './sequence.ts';

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
  if (terms.length === 0) throw new Fault("lookup 'nested' needs at least one list");
  // Lists inside of lists are flattened once.
  return product(lists(terms)).map((row) => row.flat());
}

function dict(terms: readonly unknown[]): unknown[] {
  return terms.flatMap((term) => {
    const entries = entriesOf(term);
    if (!entries) throw new Fault(`the 'dict' lookup plugin expects a dictionary, got ${repr(term)}`);
    return entries.map(([key, value]) => ({ key, value }));
  });
}

function flattened(terms: readonly unknown[]): unknown[] {
  return terms.flatMap((term) => (Array.isArray(term) ? flattened(term) : term === null ? [] : [term]));
}

/** The value at a dotted path; undefined when something on the way is not there. */
function at(value: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((inner, key) => {
    const found = pairs(inner)?.find(([name]) => name === key);
    return found?.[1];
  }, value);
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

function subelements(terms: readonly unknown[]): unknown[] {
  const [all, path, flags] = terms;
  const records = Array.isArray(all) ? all : pairs(all)?.map(([, value]) => value);
  if (!records || typeof path !== 'string') {
    throw new Fault("lookup 'subelements' takes a list or mapping, and the name of a key in it");
  }
  const skip = isMapping(flags) && flags.skip_missing === true;
  return records.flatMap((record: unknown) => {
    // Such as the result of a task that was skipped.
    if (isMapping(record) && record.skipped !== undefined && record.skipped !== false) return [];
    const inner = at(record, path);
    if (Array.isArray(inner)) return inner.map((item: unknown) => [without(record, path), item]);
    if (inner === undefined && skip) return [];
    throw new Fault(`lookup 'subelements': "${path}" is no list in one of the elements`);
  });
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
    const longest = Math.max(0, ...columns.map((column) => column.length));
    return Array.from({ length: longest }, (_, index) => columns.map((column) => column[index] ?? null));
  },
  indexed_items: (terms) => terms.flat().map((item, index) => [index, item]),
  subelements,
  sequence: (terms, options) => (terms.length === 0 ? [{}] : terms).flatMap((term) => sequence(term, options)),
  random_choice: (terms) => (terms.length === 0 ? [] : [terms[Math.floor(Math.random() * terms.length)]]),
};
