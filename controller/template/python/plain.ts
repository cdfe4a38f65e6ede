import { Fault } from '../fault.ts';
import { Tally } from '../limits.ts';
import { isAtom } from './atom.ts';
import type { Integer } from './integer.ts';
import { mapEntries, objectOf } from './mapping.ts';
import { str } from './text.ts';
import {
  Callable,
  isInteger,
  isKept,
  isList,
  isMapping,
  isPlainObject,
  LazyMap,
  MemberHolder,
  Namespace,
  NoElse,
  Sealed,
  Tuple,
  Undefined,
  Unresolved,
} from './values.ts';

/** What stands in a list or dict for something that does not exist. */
type Absent = (missing: Undefined) => unknown;

/**
 * A value as plain data, for the world outside: whole numbers beyond 2^53 are bigints, tuples lists, dicts objects
 * with keys that are texts or whole numbers, without `omit`. Floats and dates stay what they are.
 * What is plain already stays the same object. Throws for undefined names and for functions.
 * With `absent` it is for a variable: lists and dicts may have members that don't exist, are lazy, or `omit`, and it may be one that nothing opens.
 */
export function toPlain(value: unknown, absent?: Absent): unknown {
  return plain(value, { tally: new Tally(), absent }, 0);
}

interface Walk {
  readonly tally: Tally;
  readonly absent: Absent | undefined;
}

function plain(value: unknown, walk: Walk, depth: number): unknown {
  const { tally, absent } = walk;
  if (typeof value === 'string') {
    // A long text may be held many times over.
    tally.spend(value.length / 64);
    return value;
  }
  tally.spend();
  if (typeof value !== 'object' || value === null) return value ?? null;
  if (depth > 200) throw new Fault('the value is nested too deeply');
  if (isAtom(value) || (absent && value instanceof LazyMap)) return value;
  if (isList(value)) {
    let changed = value instanceof Tuple;
    const items = Array.from(value, (item) => {
      const inner = plain(item, walk, depth + 1);
      changed ||= inner !== item;
      return inner;
    });
    const kept = absent ? items : items.filter(isKept);
    return changed || kept.length < items.length ? kept : value;
  }
  if (isMapping(value)) {
    let changed = !isPlainObject(value);
    const entries = mapEntries(value).map(([key, item]): [string | Integer, unknown] => {
      const inner = plain(item, walk, depth + 1);
      changed ||= inner !== item;
      return [isInteger(key) ? key : str(key), inner];
    });
    const kept = absent ? entries : entries.filter(([, item]) => isKept(item));
    return changed || kept.length < entries.length ? objectOf(kept) : value;
  }
  if (value instanceof Undefined) {
    if (absent && value instanceof Sealed) return absent(value);
    if (absent && (depth > 0 || value instanceof NoElse)) return value instanceof Unresolved ? value : absent(value);
    throw value.fault();
  }
  if (value instanceof Callable) throw new Fault(`'${value.name}' is a function: call it with (...)`);
  if (value instanceof MemberHolder && value.text !== undefined) return value.text;
  if (value instanceof Namespace) return plain(value.attributes, walk, depth);
  return value;
}
