import { settings } from '../config/settings.ts';
import { isMappingAt } from '../playbook/parse/fields.ts';
import { partsOf } from '../playbook/parse/module-defaults.ts';
import type { Located } from '../source/located.ts';
import { composed } from '../source/origins.ts';

/** Says a variable anew: with hash_behaviour=merge a mapping is laid over one that is there, else it takes its place. */
export function putVar(vars: Map<string, Located>, name: string, value: Located): void {
  const low = settings().hashBehaviour === 'merge' ? vars.get(name) : undefined;
  vars.set(name, low === undefined ? value : laidOver(low, value));
}

/** A mapping over another one, at any depth. */
function laidOver(low: Located, high: Located): Located {
  if (!isMappingAt(low) || !isMappingAt(high)) return high;
  const parts = new Map(partsOf(low));
  for (const [key, part] of partsOf(high)) {
    const below = parts.get(key);
    parts.set(key, below === undefined ? part : laidOver(below, part));
  }
  return composed(parts, high);
}
