import { OrchError } from '../../../proto/errors.ts';
import { isMappingAt } from '../../playbook/parse/fields.ts';
import { partsOf } from '../../playbook/parse/module-defaults.ts';
import type { Located } from '../../source/located.ts';
import { items } from '../../source/origins.ts';
import type { TaskScope } from './task-scope.ts';

/**
 * The value with its templates rendered, without what in it asks for variables that do not exist, where these are `optional`; none
 * where that is all.
 */
export function knownParts(
  located: Located,
  scope: TaskScope,
  optional: (error: OrchError) => boolean = () => true,
): readonly unknown[] {
  const { value } = located;
  if (Array.isArray(value)) return [items({ ...located, value }).flatMap((item) => knownParts(item, scope, optional))];
  if (isMappingAt(located)) {
    const known = partsOf(located).flatMap(([name, part]) =>
      knownParts(part, scope, optional).map((each) => [name, each] as const),
    );
    return [Object.fromEntries(known)];
  }
  try {
    const rendered = scope.render(located);
    return scope.isOmitted(rendered) ? [] : [rendered];
  } catch (error) {
    if (error instanceof OrchError && error.code === 'undefined-variable' && optional(error)) return [];
    throw error;
  }
}
