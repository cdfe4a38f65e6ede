import { OrchError } from '../../../proto/errors.ts';
import type { Vars } from '../../playbook/types.ts';
import type { RenderOptions, Scope } from '../../template/types.ts';
import { renderDeep } from './render.ts';

/** Variables of one origin: as written, and rendered when they are asked for; or known values. */
export type Layer = { readonly written: Vars } | { readonly known: Scope };

/** Variables in layers, the first one wins. Written ones are rendered in the scope itself, at most once. */
export class LayeredScope implements Scope {
  readonly #layers: readonly Layer[];
  readonly #rendered = new Map<string, unknown>();
  readonly #rendering = new Set<string>();
  readonly #lookups: RenderOptions['lookups'];

  constructor(layers: readonly Layer[], lookups: RenderOptions['lookups']) {
    this.#layers = layers;
    this.#lookups = lookups;
  }

  /** What templates are rendered with. */
  get options(): RenderOptions {
    return { scope: this, ...(this.#lookups ? { lookups: this.#lookups } : {}) };
  }

  has(name: string): boolean {
    return this.#layerOf(name) !== undefined;
  }

  get(name: string): unknown {
    const layer = this.#layerOf(name);
    if (!layer) return undefined;
    return 'known' in layer ? layer.known.get(name) : this.#render(name, layer.written);
  }

  *names(): Iterable<string> {
    for (const layer of this.#layers) yield* 'known' in layer ? layer.known.names() : layer.written.keys();
  }

  #layerOf(name: string): Layer | undefined {
    return this.#layers.find((layer) => ('known' in layer ? layer.known.has(name) : layer.written.has(name)));
  }

  #render(name: string, vars: Vars): unknown {
    if (this.#rendered.has(name)) return this.#rendered.get(name);
    const located = vars.get(name);
    if (!located) return undefined;
    if (this.#rendering.has(name)) {
      throw new OrchError({
        code: 'template-error',
        summary: `The variable "${name}" refers to itself.`,
        where: located.origin.place(located.path),
      });
    }
    this.#rendering.add(name);
    try {
      const value = renderDeep(located, this.options);
      this.#rendered.set(name, value);
      return value;
    } finally {
      this.#rendering.delete(name);
    }
  }
}

/** A scope of values that are there already. */
export function valuesScope(values: Readonly<Record<string, unknown>>): Scope {
  return {
    has: (name) => Object.hasOwn(values, name),
    get: (name) => values[name],
    names: () => Object.keys(values),
  };
}

/** A scope whose values are made when they are asked for. */
export function lazyScope(values: Readonly<Record<string, () => unknown>>): Scope {
  return {
    has: (name) => Object.hasOwn(values, name),
    get: (name) => values[name]?.(),
    names: () => Object.keys(values),
  };
}
