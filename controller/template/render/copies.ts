import { mapEntries } from '../python/mapping.ts';
import { Group, isList, isMapping, LazyData, LazyMap, type Mapping, Tuple } from '../python/values.ts';

type Container = readonly unknown[] | Mapping;

/** Whether a value is a list or dict by itself, and not the view of all hosts or variables. */
const isContainer = (value: unknown): value is Container =>
  isList(value) || (isMapping(value) && (!(value instanceof LazyMap) || value instanceof LazyData));

function emptyList(like: readonly unknown[]): unknown[] {
  if (like instanceof Group) return new Group();
  return like instanceof Tuple ? new Tuple() : [];
}

/**
 * Lists and dicts that one rendering may change: a copy for each that it meets, so that variables stay as they are while what the
 * template did to one is seen in all of the template. As in Ansible, what the template wrote itself is copied once more where it
 * is passed to something that is called, or comes from it: macros change nothing for who called them.
 */
export class Copies {
  /** What stands for a list or dict; its own stand for themselves. */
  readonly #known = new WeakMap<object, object>();
  /** Those of its own that the template wrote. */
  readonly #written = new WeakSet<object>();

  /** What stands for a value in this rendering. */
  of(value: unknown): unknown {
    return isContainer(value) ? (this.#known.get(value) ?? this.#copy(value, this.#known)) : value;
  }

  written<T extends object>(value: T): T {
    this.#known.set(value, value);
    this.#written.add(value);
    return value;
  }

  passed(value: unknown): unknown {
    return isContainer(value) ? (this.#settled(value) ?? this.#copy(value, new WeakMap())) : value;
  }

  has(value: object): boolean {
    return this.#known.get(value) === value;
  }

  /** What stands for it once and for all. */
  #settled(value: Container): object | undefined {
    const known = this.#known.get(value);
    return known && !this.#written.has(known) ? known : undefined;
  }

  #copy(value: Container, copies: WeakMap<object, object>): object {
    const inner = (item: unknown) =>
      isContainer(item) ? (copies.get(item) ?? this.#settled(item) ?? this.#copy(item, copies)) : item;
    const begun = <T extends object>(copy: T): T => {
      copies.set(value, copy);
      this.#known.set(copy, copy);
      return copy;
    };
    if (isList(value)) {
      const list = begun(emptyList(value));
      for (const item of value) list.push(inner(item));
      return list;
    }
    const dict = begun(new Map<unknown, unknown>());
    for (const [key, item] of mapEntries(value)) dict.set(key, inner(item));
    return dict;
  }
}
