import { registry as modules } from '../agent/modules/registry.gen.ts';
import { internalModules } from '../agent/modules/shared/internal.ts';
import { LazyMap } from '../agent/modules/shared/lazy-map.ts';
import { registry as actions } from './actions/registry.gen.ts';
import type { Catalog, CatalogEntry } from './playbook/catalog/catalog.ts';

/** Everything a task may name. An action shadows the module of its name, which it calls itself. */
export const catalog: Catalog = new LazyMap<CatalogEntry>(
  [...modules.keys(), ...actions.keys()]
    .filter((name) => !internalModules.has(name))
    .map((name) => [name, () => actions.get(name) ?? modules.get(name)]),
);
