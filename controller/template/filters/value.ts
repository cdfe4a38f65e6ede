import { printed } from '../coerce.ts';
import { truth } from '../compare.ts';
import { Fault } from '../fault.ts';
import { lenient, plugin } from '../plugin.ts';
import { typeName, Undefined } from '../values.ts';

const fallback = lenient('default_value?, boolean?', (value, [instead, boolean]) => {
  const missing = value instanceof Undefined || (truth(boolean ?? false) && !truth(value));
  return missing ? (instead === undefined ? '' : instead) : value;
});

/** Ansible's reading of yes and no. */
function bool(value: unknown): boolean {
  if (typeof value === 'boolean') return value;
  if (value === null) throw new Fault('None is neither true nor false');
  const text = printed(value).toLowerCase();
  if (['yes', 'on', '1', '1.0', 'true', 't', 'y'].includes(text)) return true;
  if (['no', 'off', '0', '0.0', 'false', 'f', 'n'].includes(text)) return false;
  throw new Fault(`'${printed(value)}' is neither true nor false`);
}

export const valueFilters = {
  default: fallback,
  d: fallback,
  mandatory: lenient('msg?', (value, [message]) => {
    if (!(value instanceof Undefined)) return value;
    const fault = value.fault();
    if (message === undefined || message === null) throw fault;
    throw new Fault(printed(message), { code: 'undefined-variable', hint: fault.message });
  }),
  bool: plugin('', bool),
  ternary: lenient('true_val, false_val, none_val?', (value, [yes, no, none]) => {
    if ((value === null || value === undefined) && none !== undefined && none !== null) return none;
    return truth(value) ? yes : no;
  }),
  type_debug: lenient('', typeName),
};
