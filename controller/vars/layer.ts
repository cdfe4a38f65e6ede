import type { Vars } from '../playbook/types.ts';
import type { Located } from '../source/located.ts';

/** A variable's value: text of a file, which may hold templates, or data, which is never read as a template. */
export type Binding = { readonly text: Located } | { readonly data: unknown };

/** Variables of one kind. What `has` and `get` throw (a value that is still on its way) passes through untouched. */
export interface Layer {
  has(name: string): boolean;
  /** Only asked when it has the name. */
  get(name: string): Binding;
  names(): Iterable<string>;
}

/** Every task's scope has layers of the same variables: one is made for each and kept as long as they are. */
export function oncePer<S extends object>(make: (source: S) => Layer): (source: S) => Layer {
  const made = new WeakMap<S, Layer>();
  return (source) => {
    const layer = made.get(source) ?? make(source);
    made.set(source, layer);
    return layer;
  };
}

/** Variables of an inventory, a playbook, a vars file or `-e`. */
export const varsLayer = oncePer((vars: Vars): Layer => {
  return {
    has: (name) => vars.has(name),
    get: (name) => {
      const text = vars.get(name);
      return text ? { text } : { data: null };
    },
    names: () => vars.keys(),
  };
});

/** Values that are data: loop items, registered results. */
export function dataLayer(values: Readonly<Record<string, unknown>>): Layer {
  return {
    has: (name) => Object.hasOwn(values, name),
    get: (name) => ({ data: values[name] }),
    names: () => Object.keys(values),
  };
}

/** Data that somebody else keeps, such as facts and registered results of a host. */
export interface DataSource {
  has(name: string): boolean;
  get(name: string): unknown;
  names(): Iterable<string>;
}

export const sourceLayer = oncePer((source: DataSource): Layer => {
  return {
    has: (name) => source.has(name),
    get: (name) => ({ data: source.get(name) }),
    names: () => source.names(),
  };
});
