import type { Located } from '../../source/located.ts';
import { child, partOrigin } from '../../source/origins.ts';
import { isMappingAt, type Mapping } from './fields.ts';

/** A task whose `action` leaves its module to a template. */
export interface ChosenAction {
  /** The template. */
  readonly name: Located<string>;
  /** The task as it would be written with a module's name in place of the template. */
  readonly written: (module: string) => Located<Mapping>;
  /** The task without its action. */
  readonly rest: Located<Mapping>;
}

/** A word with a template in it. */
const template = /^\s*(?:module=)?([\w.]*\{\{.*?\}\}(?:[\w.]|\{\{.*?\}\})*)(?=\s|$)/s;

/** `action: "{{ name }} key=value"`, also with parts of the name written out, or the template as its `module`; undefined: the task names its module, or none. */
export function chosenAction(mapping: Located<Mapping>): ChosenAction | undefined {
  const key = ['action', 'local_action'].find((each) => Object.hasOwn(mapping.value, each));
  const action = key === undefined ? undefined : child(mapping, key);
  if (key === undefined || !action) return undefined;
  const inner = isMappingAt(action) ? child(action, 'module') : action;
  const { value } = inner ?? {};
  const [, name] = typeof value === 'string' ? (template.exec(value) ?? []) : [];
  if (inner === undefined || typeof value !== 'string' || name === undefined) return undefined;
  const { [key]: _, ...rest } = mapping.value;
  return {
    name: { value: name, origin: partOrigin({ ...inner, value }, value.indexOf(name)), path: [] },
    rest: { ...mapping, value: rest },
    written: (module) => {
      const named = value.replace(name, () => module);
      const said = isMappingAt(action) ? { ...action.value, module: named } : named;
      return { ...mapping, value: { ...mapping.value, [key]: said } };
    },
  };
}
