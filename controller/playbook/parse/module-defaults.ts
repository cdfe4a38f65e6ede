import type { Located } from '../../source/located.ts';
import { child, composed } from '../../source/origins.ts';
import { canonicalName, gathersFacts } from '../catalog/catalog.ts';
import type { ModuleDefaults, TaskArgs } from '../types.ts';
import type { Context } from './context.ts';
import { type Fields, isMappingAt, isTemplateAt, type Mapping } from './fields.ts';
import { membersOf } from './module-groups.ts';

/** Parts of a mapping, each with its place. */
export function partsOf(mapping: Located<Mapping>): [string, Located][] {
  const { value, origin, path } = mapping;
  return Object.entries(value).map(([key, item]) => [key, { value: item, origin, path: [...path, key] }]);
}

/** The place of a play or block with its `module_defaults`: those win over the ones from around. */
export function withModuleDefaults(fields: Fields, context: Context): Context {
  const field = fields.value('module_defaults');
  if (!field || field.value === null) return context;
  const defaults = new Map(context.scene.moduleDefaults);
  for (const mapping of Array.isArray(field.value) ? field.value.map((_, index) => child(field, index)) : [field]) {
    if (!mapping || !isMappingAt(mapping)) {
      context.error(field, { summary: '"module_defaults" must be a mapping of modules to their parameters' });
      continue;
    }
    for (const [key, parameters] of partsOf(mapping)) {
      const members = key.startsWith('group/') ? membersOf(key.slice(6), context) : undefined;
      if (key.startsWith('group/') && !members) {
        context.error(parameters, {
          part: 'key',
          summary: `there is no group of modules "${key.slice(6)}"`,
          hint: 'groups are action_groups in meta/runtime.yml of a collection: "group/NAMESPACE.COLLECTION.GROUP"',
        });
      } else if (isMappingAt(parameters) || isTemplateAt(parameters)) {
        defaults.set(
          gathersFacts(key) ? 'gather_facts' : canonicalName(key),
          members ? { params: parameters, members } : { params: parameters },
        );
      } else context.error(parameters, { summary: `the parameters of "${key}" must be a mapping` });
    }
  }
  return context.with({ moduleDefaults: defaults });
}

/**
 * A task's parameters with those that its module has by default, under the name that it is called by: gather_facts has those of
 * setup, too, and its own win. `ownName`: that of a parameter, where an alias is said.
 */
export function withDefaults(
  said: TaskArgs,
  { module, calledAs }: { readonly module: string; readonly calledAs: string },
  defaults: ModuleDefaults,
  ownName: (written: string) => string,
): TaskArgs {
  const groups = [...defaults.values()].filter(({ members }) => members?.has(module));
  const names = gathersFacts(calledAs) ? [module, 'gather_facts'] : [module];
  const all = [...groups, ...names.flatMap((name) => defaults.get(name) ?? [])].map(({ params }) => params);
  if (all.length === 0) return said;
  const { args, moreArgs = [] } = said;
  if (moreArgs.length > 0 || !all.every(isMappingAt)) return { args, moreArgs: [...all, ...moreArgs] };
  const named = all.flatMap((params) => partsOf(params).map(([written, value]) => [ownName(written), value] as const));
  return { args: composed(new Map([...named, ...partsOf(args)]), args) };
}
