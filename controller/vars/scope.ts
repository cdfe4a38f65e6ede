import { OrchError } from '../../proto/errors.ts';
import type { Located } from '../source/located.ts';
import { isOfUndefined } from '../template/fault.ts';
import { mergedMapping } from '../template/filters/dict.ts';
import { toPlain } from '../template/python/plain.ts';
import { isMapping, LazyMap, Sealed, Unresolved } from '../template/python/values.ts';
import type { RenderOptions } from '../template/types.ts';
import { type Binding, dataLayer, type Layer } from './layer.ts';
import { renderingIn, renderLazily } from './render.ts';
import type { ScopeOptions, VarScope } from './types.ts';

/** What stands for a variable that cannot be rendered; other errors end what asks for it. */
function absenceFor(error: unknown): typeof Unresolved | undefined {
  if (isOfUndefined(error)) return Unresolved;
  // Neither what is `mandatory` nor what is encrypted is defaulted.
  const code = error instanceof OrchError ? error.code : undefined;
  return code === 'undefined-variable' || code === 'vault' ? Sealed : undefined;
}

/** `layers` from weakest to strongest. The scope also has `vars`, the mapping of all its variables. */
export function createScope(layers: readonly Layer[], options: ScopeOptions = {}): VarScope {
  return new LayeredScope(layers, options);
}

/** Each task has one, and each item of its loop. */
class LayeredScope implements VarScope {
  readonly options: ScopeOptions;
  readonly #layers: readonly Layer[];
  /** In front of the layers. */
  readonly #locals: Readonly<Record<string, unknown>> | undefined;
  /** Values in front, as a file has them. */
  readonly #written: ReadonlyMap<string, Located>;
  readonly #known = new Map<string, unknown>();
  /** Variables that are being rendered, outermost first. */
  #open: Map<string, Located> | undefined;
  #rendering: RenderOptions | undefined;

  constructor(
    layers: readonly Layer[],
    options: ScopeOptions,
    locals?: Readonly<Record<string, unknown>>,
    written: ReadonlyMap<string, Located> = new Map(),
  ) {
    this.#layers = layers;
    this.options = options;
    this.#locals = locals;
    this.#written = written;
  }

  get rendering(): RenderOptions {
    this.#rendering ??= renderingIn(this);
    return this.#rendering;
  }

  has(name: string): boolean {
    return this.#isLocal(name) || this.#known.has(name) || this.#layerOf(name) !== undefined || name === 'vars';
  }

  get(name: string): unknown {
    if (this.#isLocal(name)) return this.#locals?.[name];
    if (this.#known.has(name)) return this.#known.get(name);
    const layer = this.#layerOf(name);
    const value = layer ? this.#valueIn(layer, name) : new LazyMap(this);
    this.#known.set(name, value);
    return value;
  }

  written(name: string): Located | undefined {
    const binding = this.#isLocal(name) ? undefined : this.#layerOf(name)?.get(name);
    return binding && 'text' in binding ? binding.text : this.#written.get(name);
  }

  *names(): Iterable<string> {
    const seen = new Set<string>();
    for (const layer of [...this.#layers.map((each) => each.names()), Object.keys(this.#locals ?? {})]) {
      for (const name of layer) {
        if (!seen.has(name)) yield name;
        seen.add(name);
      }
    }
  }

  with(locals: Readonly<Record<string, unknown>>, written: ReadonlyMap<string, Located> = new Map()): VarScope {
    const layers = this.#locals ? [...this.#layers, dataLayer(this.#locals)] : this.#layers;
    const before = [...this.#written].filter(([name]) => !Object.hasOwn(locals, name));
    return new LayeredScope(layers, this.options, locals, new Map([...before, ...written]));
  }

  #isLocal(name: string): boolean {
    return this.#locals !== undefined && Object.hasOwn(this.#locals, name);
  }

  #layerOf(name: string): Layer | undefined {
    const layers = this.#layers;
    for (let index = layers.length - 1; index >= 0; index--) if (layers[index]?.has(name)) return layers[index];
    return undefined;
  }

  /** What the layer says; where mappings are merged, over what weaker ones say. */
  #valueIn(layer: Layer, name: string): unknown {
    let value = this.#valueOf(name, layer.get(name));
    if (!this.options.mergeMappings) return value;
    for (let index = this.#layers.indexOf(layer) - 1; index >= 0 && isMapping(value); index--) {
      const weaker = this.#layers[index];
      if (!weaker?.has(name)) continue;
      const low = this.#valueOf(name, weaker.get(name));
      if (!isMapping(low)) break;
      value = mergedMapping(low, value);
    }
    return value;
  }

  #valueOf(name: string, binding: Binding): unknown {
    return 'data' in binding ? binding.data : this.#rendered(name, binding.text);
  }

  #rendered(name: string, text: Located): unknown {
    this.#open ??= new Map();
    const open = this.#open;
    if (open.has(name)) throw cycle([...open.keys()], name, text);
    open.set(name, text);
    try {
      return renderLazily(text, this, (key, inner) => this.#rendered(`${name}.${key}`, inner));
    } catch (error) {
      const Kind = absenceFor(error);
      if (!Kind) throw error;
      return new Kind(() => {
        throw error;
      });
    } finally {
      open.delete(name);
    }
  }
}

function cycle(open: readonly string[], name: string, { origin, path }: Located): OrchError {
  const way = [...open.slice(open.indexOf(name)), name].join(' -> ');
  return new OrchError({
    code: 'template-error',
    summary: `Recursive loop detected in template: the variable '${name}' needs itself: ${way}`,
    hint: 'Give one of them another name, or a value that does not use the others.',
    where: origin.place(path),
  });
}

/** A variable's value; undefined when there is none. Throws OrchError when its own template cannot be rendered. */
export function variableOf(scope: VarScope, name: string): unknown {
  return scope.has(name) ? toPlain(scope.get(name)) : undefined;
}
