// What `orch doc` shows. In the built program this is a file of its own: modules are without their documentation elsewhere.
import { registry as modules } from '../../agent/modules/registry.gen.ts';
import { internalModules } from '../../agent/modules/shared/internal.ts';
import { registry as actions } from '../actions/registry.gen.ts';
import type { Documented } from './module-text.ts';

export { moduleList, moduleText, parameterSchema } from './module-text.ts';

/** All that a task may name; an action stands for the module of its name. */
export function documented(): ReadonlyMap<string, Documented> {
  const all = new Map<string, Documented>([...modules, ...actions]);
  for (const name of internalModules) all.delete(name);
  return all;
}
