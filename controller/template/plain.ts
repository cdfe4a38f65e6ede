import { isAtom } from './atom.ts';
import { Fault } from './fault.ts';
import type { Integer } from './integer.ts';
import { Tally } from './limits.ts';
import { mapEntries, objectOf } from './mapping.ts';
import { str } from './text.ts';
import {
  Callable,
  isInteger,
  isList,
  isMapping,
  isPlainObject,
  MemberHolder,
  Namespace,
  Tuple,
  Undefined,
} from './values.ts';

/**
 * A value as plain data, for the world outside: whole numbers beyond 2^53 are bigints, tuples lists, dicts objects
 * with keys that are texts or whole numbers, without `omit`. Floats and dates stay what they are.
 * What is plain already stays the same object. Throws for undefined names and for functions.
 */
export function toPlain(value: unknown): unknown {
  return plain(value, new Tally(), 0);
}

/** False for `omit`, which is left out of lists and dicts. */
const isKept = (value: unknown): boolean => typeof value !== 'symbol';

function plain(value: unknown, tally: Tally, depth: number): unknown {
  if (typeof value === 'string') {
    // A long text may be held many times over.
    tally.spend(value.length / 64);
    return value;
  }
  tally.spend();
  if (typeof value !== 'object' || value === null) return value ?? null;
  if (depth > 200) throw new Fault('the value is nested too deeply');
  if (isAtom(value)) return value;
  if (isList(value)) {
    let changed = value instanceof Tuple;
    const items = Array.from(value, (item) => {
      const inner = plain(item, tally, depth + 1);
      changed ||= inner !== item;
      return inner;
    });
    const kept = items.filter(isKept);
    return changed || kept.length < items.length ? kept : value;
  }
  if (isMapping(value)) {
    let changed = !isPlainObject(value);
    const entries = mapEntries(value).map(([key, item]): [string | Integer, unknown] => {
      const inner = plain(item, tally, depth + 1);
      changed ||= inner !== item;
      return [isInteger(key) ? key : str(key), inner];
    });
    const kept = entries.filter(([, item]) => isKept(item));
    return changed || kept.length < entries.length ? objectOf(kept) : value;
  }
  if (value instanceof Undefined) throw value.fault();
  if (value instanceof Callable) throw new Fault(`'${value.name}' is a function: call it with (...)`);
  if (value instanceof MemberHolder && value.text !== undefined) return value.text;
  if (value instanceof Namespace) return plain(value.attributes, tally, depth);
  return value;
}
