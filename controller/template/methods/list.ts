import { equals } from '../compare.ts';
import { Fault } from '../fault.ts';
import { brief } from '../text.ts';
import { methodTable } from './method.ts';

export const listMethods = methodTable<readonly unknown[]>([
  ['copy', '', (list) => [...list]],
  ['count', 'item', (list, [item]) => list.filter((element) => equals(element, item)).length],
  [
    'index',
    'item',
    (list, [item]) => {
      const index = list.findIndex((element) => equals(element, item));
      if (index < 0) throw new Fault(`the list does not hold ${brief(item)}`);
      return index;
    },
  ],
]);
