import { OrchError } from '../../proto/errors.ts';
import type { Located } from '../source/located.ts';
import { toPlain } from '../template/plain.ts';
import { LazyMap, Unresolved } from '../template/values.ts';
import { type Binding, dataLayer, type Layer } from './layer.ts';
import { renderLazily } from './render.ts';
import type { ScopeOptions, VarScope } from './types.ts';

/** `layers` from weakest to strongest. The scope also has `vars`, the mapping of all its variables. */
export function createScope(layers: readonly Layer[], options: ScopeOptions = {}): VarScope {
  const known = new Map<string, unknown>();
  /** Variables that are being rendered, outermost first. */
  const open = new Map<string, Located>();

  const layerOf = (name: string): Layer | undefined => {
    for (let index = layers.length - 1; index >= 0; index--) if (layers[index]?.has(name)) return layers[index];
    return undefined;
  };

  const render = (name: string, text: Located): unknown => {
    if (open.has(name)) throw cycle([...open.keys()], name, text);
    open.set(name, text);
    try {
      return renderLazily(text, scope, (key, inner) => render(`${name}.${key}`, inner));
    } catch (error) {
      if (!(error instanceof OrchError && error.code === 'undefined-variable')) throw error;
      return new Unresolved(() => {
        throw error;
      });
    } finally {
      open.delete(name);
    }
  };

  const bindingValue = (name: string, binding: Binding): unknown =>
    'data' in binding ? binding.data : render(name, binding.text);

  const scope: VarScope = {
    options,
    has: (name) => known.has(name) || layerOf(name) !== undefined || name === 'vars',
    get(name) {
      if (known.has(name)) return known.get(name);
      const layer = layerOf(name);
      const value = layer ? bindingValue(name, layer.get(name)) : new LazyMap(scope);
      known.set(name, value);
      return value;
    },
    written(name) {
      const binding = layerOf(name)?.get(name);
      return binding && 'text' in binding ? binding.text : undefined;
    },
    *names() {
      const seen = new Set<string>();
      for (const layer of layers) {
        for (const name of layer.names()) {
          if (!seen.has(name)) yield name;
          seen.add(name);
        }
      }
    },
    with: (locals) => createScope([...layers, dataLayer(locals)], options),
  };
  return scope;
}

function cycle(open: readonly string[], name: string, { origin, path }: Located): OrchError {
  const way = [...open.slice(open.indexOf(name)), name].join(' -> ');
  return new OrchError({
    code: 'template-error',
    summary: `the variable '${name}' needs itself: ${way}`,
    hint: 'Give one of them another name, or a value that does not use the others.',
    where: origin.place(path),
  });
}

/** A variable's value; undefined when there is none. Throws OrchError when its own template cannot be rendered. */
export function variableOf(scope: VarScope, name: string): unknown {
  return scope.has(name) ? toPlain(scope.get(name)) : undefined;
}
