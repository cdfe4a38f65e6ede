import { plugin } from '../plugin.ts';
import { asList } from '../python/coerce.ts';
import { type Integer, integerOf } from '../python/integer.ts';
import { distinct, Members } from '../python/order.ts';
import { PythonSet } from '../python/python-set.ts';

const without = (items: readonly unknown[], others: readonly unknown[]): unknown[] => {
  const known = new Members(others);
  return distinct(items).filter((item) => !known.has(item));
};

const isWhole = (item: unknown): item is Integer => typeof item !== 'boolean' && integerOf(item) !== undefined;

/** One operation: of whole numbers in Python's order, of others in that of the first appearance. */
const operation = (
  ofNumbers: (a: PythonSet, b: PythonSet) => PythonSet,
  ofAny: (a: readonly unknown[], b: readonly unknown[]) => unknown[],
) =>
  plugin('other', (value, [other]) => {
    const [a, b] = [asList(value), asList(other)];
    return a.every(isWhole) && b.every(isWhole) ? ofNumbers(new PythonSet(a), new PythonSet(b)).items : ofAny(a, b);
  });

export const setFilters = {
  union: operation(
    (a, b) => a.union(b),
    (a, b) => distinct([...a, ...b]),
  ),
  intersect: operation(
    (a, b) => a.intersection(b),
    (a, b) => {
      const known = new Members(b);
      return distinct(a).filter((item) => known.has(item));
    },
  ),
  difference: operation((a, b) => a.difference(b), without),
  symmetric_difference: operation(
    (a, b) => a.symmetricDifference(b),
    (a, b) => [...without(a, b), ...without(b, a)],
  ),
};
