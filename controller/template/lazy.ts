import { dataKeys, withKeys } from './mapping.ts';

const lazies = new WeakSet<object>();

/** True for lists and dicts of variables whose members may still be templates: such members render when they are asked for. */
export const isLazy = (value: object): boolean => lazies.has(value);

/**
 * A copy of a list or mapping in which the members that `isOpen` picks are made when they are first asked for. What `make` throws
 * comes out there, and it is asked again the next time.
 */
export function lazyCopy<T extends object>(
  data: T,
  isOpen: (item: unknown) => boolean,
  make: (key: string, item: unknown) => unknown,
): T {
  const copy = (Array.isArray(data) ? [...data] : withKeys({ ...data }, dataKeys(data))) as T;
  for (const [key, item] of Object.entries(data)) {
    if (!isOpen(item)) continue;
    const get = () => {
      const value = make(key, item);
      Object.defineProperty(copy, key, { value });
      return value;
    };
    Object.defineProperty(copy, key, { get, enumerable: true, configurable: true });
  }
  lazies.add(copy);
  return copy;
}
