import { pathOf } from './access.ts';
import { compare, equals } from './compare.ts';
import { defined, numberOf } from './values.ts';

/** What elements are compared by: an attribute (`a.b`, several with commas), letter case ignored unless `exact`. */
export function sortKey(attribute: unknown, exact: boolean): (item: unknown) => unknown {
  const fold = (value: unknown) => (typeof defined(value) === 'string' && !exact ? String(value).toLowerCase() : value);
  if (attribute === undefined || attribute === null) return fold;
  const paths = typeof attribute === 'string' && attribute.includes(',') ? attribute.split(',') : undefined;
  if (paths) return (item) => paths.map((path) => fold(pathOf(item, path)));
  return (item) => fold(pathOf(item, attribute));
}

/** A stable copy in order of the keys. */
export function sorted(items: readonly unknown[], key: (item: unknown) => unknown, reverse: boolean): unknown[] {
  const direction = reverse ? -1 : 1;
  return items
    .map((item) => ({ item, key: key(item) }))
    .sort((a, b) => direction * compare(a.key, b.key))
    .map(({ item }) => item);
}

/** A value's text when equal values have equal texts, so that a set can find it. */
function scalarKey(value: unknown): string | undefined {
  if (typeof value === 'string') return `s${value}`;
  const number = numberOf(value);
  if (typeof value === 'bigint') return `n${value}`;
  // A float may be equal to a long whole number.
  if (number !== undefined) return `n${Number.isInteger(number) ? BigInt(number) : number}`;
  return value === null ? 'none' : undefined;
}

/** Values to ask whether one is among them, in constant time for texts and numbers. */
export class Members {
  readonly #scalars = new Set<string>();
  readonly #others: unknown[] = [];

  constructor(values: Iterable<unknown> = []) {
    for (const value of values) this.add(value);
  }

  has(value: unknown): boolean {
    const key = scalarKey(defined(value));
    return key === undefined ? this.#others.some((other) => equals(other, value)) : this.#scalars.has(key);
  }

  add(value: unknown): void {
    const key = scalarKey(defined(value));
    if (key === undefined) this.#others.push(value);
    else this.#scalars.add(key);
  }
}

/** The first of each, in order. */
export function distinct(items: readonly unknown[], key: (item: unknown) => unknown = (item) => item): unknown[] {
  const seen = new Members();
  return items.filter((item) => {
    const wanted = key(item);
    if (seen.has(wanted)) return false;
    seen.add(wanted);
    return true;
  });
}
