import { asList } from '../coerce.ts';
import { distinct, Members } from '../order.ts';
import { plugin } from '../plugin.ts';

const without = (items: readonly unknown[], others: readonly unknown[]): unknown[] => {
  const known = new Members(others);
  return distinct(items).filter((item) => !known.has(item));
};

/** Set operations on lists; order is that of the first appearance. */
export const setFilters = {
  union: plugin('other', (value, [other]) => distinct([...asList(value), ...asList(other)])),
  intersect: plugin('other', (value, [other]) => {
    const known = new Members(asList(other));
    return distinct(asList(value)).filter((item) => known.has(item));
  }),
  difference: plugin('other', (value, [other]) => without(asList(value), asList(other))),
  symmetric_difference: plugin('other', (value, [other]) => [
    ...without(asList(value), asList(other)),
    ...without(asList(other), asList(value)),
  ]),
};
