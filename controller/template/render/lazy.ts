import { dataKeys } from '../python/mapping.ts';
import { LazyData } from '../python/values.ts';

/** A mapping of a variable: the members that `isOpen` picks are made when they are first asked for. */
export function lazyMapping(
  data: Readonly<Record<string, unknown>>,
  isOpen: (item: unknown) => boolean,
  make: (key: string, item: unknown) => unknown,
): LazyData {
  const made = new Map<string, unknown>();
  return new LazyData({
    has: (name) => Object.hasOwn(data, name),
    get: (name) => {
      const item = data[name];
      if (!isOpen(item)) return item;
      const key = String(name);
      if (!made.has(key)) made.set(key, make(key, item));
      return made.get(key);
    },
    // Whole numbers stay what they are.
    names: () => dataKeys(data) as readonly string[],
  });
}
