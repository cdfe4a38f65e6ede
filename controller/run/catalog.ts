import { registry as modules } from '../../agent/modules/registry.gen.ts';
import { registry as actions } from '../actions/registry.gen.ts';
import type { Catalog, CatalogEntry } from '../playbook/catalog.ts';

/** All that a task may name; an action comes before the module of its name. */
export const catalog: Catalog = new Map<string, CatalogEntry>([...modules, ...actions]);
