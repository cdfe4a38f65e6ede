import { Fault } from '../fault.ts';
import { checkItems } from '../limits.ts';
import { asInteger, asList } from '../python/coerce.ts';
import { equals } from '../python/compare.ts';
import { sorted } from '../python/order.ts';
import { brief } from '../python/text.ts';
import { methodTable } from './method.ts';

export const listMethods = methodTable<readonly unknown[], unknown[]>(
  [
    ['copy', '', (list) => [...list]],
    ['count', 'item', (list, [item]) => list.filter((element) => equals(element, item)).length],
    ['index', 'item', (list, [item]) => indexOf(list, item)],
  ],
  [
    ['append', 'item', (list, [item]) => insert(list, list.length, [item])],
    ['clear', '', (list) => remove(list, 0, list.length)],
    ['extend', 'items', (list, [items]) => insert(list, list.length, asList(items))],
    ['insert', 'index, item', (list, [index, item]) => insert(list, placeOf(list, asInteger(index, 'index')), [item])],
    ['pop', 'index?', (list, [index]) => pop(list, asInteger(index, 'index', -1))],
    ['remove', 'item', (list, [item]) => remove(list, indexOf(list, item), 1)],
    ['reverse', '', (list) => nothing(list.reverse())],
    ['sort', 'key?, reverse?', (list, [, reverse]) => sort(list, reverse === true)],
  ],
);

const nothing = (_: unknown): null => null;

function insert(list: unknown[], at: number, items: readonly unknown[]): null {
  checkItems(list.length + items.length);
  const tail = list.splice(at);
  for (const item of [...items]) list.push(item ?? null);
  for (const item of tail) list.push(item);
  return null;
}

const remove = (list: unknown[], at: number, count: number): null => nothing(list.splice(at, count));

/** Where Python's insert() puts an element. */
const placeOf = (list: readonly unknown[], index: number): number =>
  Math.min(Math.max(index < 0 ? index + list.length : index, 0), list.length);

function indexOf(list: readonly unknown[], item: unknown): number {
  const index = list.findIndex((element) => equals(element, item));
  if (index < 0) throw new Fault(`the list does not hold ${brief(item)}`);
  return index;
}

function pop(list: unknown[], index: number): unknown {
  const at = index < 0 ? index + list.length : index;
  if (at < 0 || at >= list.length) throw new Fault(`the list has ${list.length} elements, none at index ${index}`);
  const [item] = list.splice(at, 1);
  return item;
}

function sort(list: unknown[], reverse: boolean): null {
  const ordered = sorted(list, (item) => item, reverse);
  ordered.forEach((item, index) => {
    list[index] = item;
  });
  return null;
}
