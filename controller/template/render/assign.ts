import { Fault } from '../fault.ts';
import type { Target } from '../parse/tree.ts';
import { asList } from '../python/coerce.ts';
import { defined, Namespace, typeName } from '../python/values.ts';
import type { Frame } from './frame.ts';

/** Binds a target of `for`, `set` or `with`. */
export function assign(target: Target, value: unknown, frame: Frame): void {
  if (target.kind === 'name') {
    frame.set(target.name, value);
    return;
  }
  withPlace(target.at, () => {
    if (target.kind === 'member') {
      const namespace = defined(frame.get(target.namespace, target.at));
      if (!(namespace instanceof Namespace)) {
        const hint = 'only what namespace(...) made can be assigned to';
        throw new Fault(`'${target.namespace}' is a ${typeName(namespace)}`, { hint });
      }
      namespace.attributes.set(target.name, value);
      return;
    }
    const items = asList(value);
    if (items.length !== target.targets.length) {
      throw new Fault(`${target.targets.length} names cannot take ${items.length} values`);
    }
    target.targets.forEach((inner, index) => {
      assign(inner, items[index], frame);
    });
  });
}

function withPlace<T>(at: number, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof Fault) error.at ??= at;
    throw error;
  }
}
