import { OrchError } from '../../../proto/errors.ts';
import { isMappingAt } from '../../playbook/parse/fields.ts';
import { partsOf } from '../../playbook/parse/module-defaults.ts';
import type { Located } from '../../source/located.ts';
import { items } from '../../source/origins.ts';
import type { TaskScope } from './task-scope.ts';

/** The value with its templates rendered, without what in it asks for variables that do not exist; none where that is all. */
export function knownParts(located: Located, scope: TaskScope): readonly unknown[] {
  const { value } = located;
  if (Array.isArray(value)) return [items({ ...located, value }).flatMap((item) => knownParts(item, scope))];
  if (isMappingAt(located)) {
    const known = partsOf(located).flatMap(([name, part]) =>
      knownParts(part, scope).map((each) => [name, each] as const),
    );
    return [Object.fromEntries(known)];
  }
  try {
    return [scope.render(located)];
  } catch (error) {
    if (error instanceof OrchError && error.code === 'undefined-variable') return [];
    throw error;
  }
}
