import { Fault } from '../fault.ts';
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

export const valueFilters = {
  default: fallback,
  d: fallback,
  mandatory: lenient('msg?', (value, [message]) => {
    if (!(value instanceof Undefined)) return value;
    const fault = value.fault();
    if (message === undefined || message === null) {
      const [, name] = /^'(\w+)' is undefined/.exec(fault.message) ?? [];
      throw new Fault(`Mandatory variable ${name === undefined ? '' : `'${name}' `}not defined.`, {
        code: 'undefined-variable',
        hint: fault.message,
      });
    }
    throw new Fault(printed(message), { code: 'undefined-variable', hint: fault.message });
  }),
  bool: plugin('', bool),
  ternary: lenient('true_val, false_val, none_val?', (given, [yes, no, none]) => {
    const value = definedOrNoElse(given);
    if ((value === null || value === undefined) && none !== undefined && none !== null) return none;
    return truth(value) ? yes : no;
  }),
  type_debug: lenient('', typeDebug),
};
