import { OrchError } from '../../../proto/errors.ts';
import { Fault, isOfUndefined } from '../fault.ts';
import { lenient, plugin } from '../plugin.ts';
import { printed } from '../python/coerce.ts';
import { truth } from '../python/compare.ts';
import { definedOrNoElse, isKept, Namespace, NoElse, numberOf, typeName, Undefined } from '../python/values.ts';

const fallback = lenient('default_value?, boolean?', (value, [instead, boolean]) => {
  const missing = value instanceof Undefined || (truth(boolean ?? false) && !truth(value));
  return missing ? (instead === undefined ? '' : instead) : value;
});

/** Ansible's reading of yes; anything that it does not know is false. */
function bool(value: unknown): boolean {
  if (typeof value === 'string') return ['yes', 'on', '1', 'true'].includes(value.toLowerCase());
  return numberOf(value) === 1;
}

/** What Python calls the type of what only templates know; else as messages have it. */
function typeDebug(value: unknown): string {
  if (value instanceof Undefined) return value instanceof NoElse ? 'Undefined' : 'UndefinedMarker';
  if (value instanceof Namespace) return 'Namespace';
  return isKept(value) ? typeName(value) : '_OmitType';
}

/** What is wrong with what does not exist, which a variable's own template may say. */
function reasonOf(value: Undefined): string {
  try {
    return value.fault().message;
  } catch (error) {
    if (!isOfUndefined(error)) throw error;
    return error instanceof OrchError ? error.summary : error instanceof Error ? error.message : '';
  }
}

export const valueFilters = {
  default: fallback,
  d: fallback,
  mandatory: lenient('msg?', (value, [message]) => {
    if (!(value instanceof Undefined)) return value;
    const why = reasonOf(value);
    const [, name] = /^'(\w+)' is undefined/.exec(why) ?? [];
    const usual = `Mandatory variable ${name === undefined ? '' : `'${name}' `}not defined.`;
    throw new Fault(printed(message ?? usual), { code: 'undefined-variable', hint: why });
  }),
  bool: plugin('', bool),
  ternary: lenient('true_val, false_val, none_val?', (given, [yes, no, none]) => {
    const value = definedOrNoElse(given);
    if ((value === null || value === undefined) && none !== undefined && none !== null) return none;
    return truth(value) ? yes : no;
  }),
  type_debug: lenient('', typeDebug),
};
