import type { Located } from '../source/located.ts';
import { child, composed } from '../source/origins.ts';
import { canonicalName } from './catalog.ts';
import type { Context } from './context.ts';
import { type Fields, isMappingAt, type Mapping } from './fields.ts';

/** Parts of a mapping, each with its place. */
export function partsOf(mapping: Located<Mapping>): [string, Located][] {
  const { value, origin, path } = mapping;
  return Object.entries(value).map(([key, item]) => [key, { value: item, origin, path: [...path, key] }]);
}

/** The place of a play or block with its `module_defaults`: those win over the ones from around. */
export function withModuleDefaults(fields: Fields, context: Context): Context {
  const field = fields.value('module_defaults');
  if (!field) return context;
  const defaults = new Map(context.scene.moduleDefaults);
  for (const mapping of Array.isArray(field.value) ? field.value.map((_, index) => child(field, index)) : [field]) {
    if (!mapping || !isMappingAt(mapping)) {
      context.error(field, { summary: '"module_defaults" must be a mapping of modules to their parameters' });
      continue;
    }
    for (const [key, parameters] of partsOf(mapping)) {
      if (key.startsWith('group/')) {
        context.error(parameters, { part: 'key', summary: `there is no group of modules "${key.slice(6)}"` });
      } else if (isMappingAt(parameters)) {
        const name = canonicalName(key);
        const before = defaults.get(name);
        defaults.set(
          name,
          before ? composed(new Map([...partsOf(before), ...partsOf(parameters)]), parameters) : parameters,
        );
      } else context.error(parameters, { summary: `the parameters of "${key}" must be a mapping` });
    }
  }
  return context.with({ moduleDefaults: defaults });
}

/** A task's parameters with those that its module has by default; `ownName`: that of a parameter, where an alias is said. */
export function withDefaults(
  args: Located<Mapping>,
  defaults: Located<Mapping> | undefined,
  ownName: (written: string) => string,
): Located<Mapping> {
  if (!defaults) return args;
  const named = partsOf(defaults).map(([written, value]) => [ownName(written), value] as const);
  return composed(new Map([...named, ...partsOf(args)]), args);
}
