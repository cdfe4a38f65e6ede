import { isNumber } from '../../../proto/float.ts';
import { compare, equals } from '../python/compare.ts';
import { isPlainObject } from '../python/values.ts';

/** What expressions work on: plain data, whose floats may be `Float`s. */
export type Value = unknown;

/** An expression that is handed to a function: `&name`. */
export class Reference {
  readonly of: Evaluate;

  constructor(of: Evaluate) {
    this.of = of;
  }
}

export type Evaluate = (value: Value) => Value;

export type TypeName = 'number' | 'string' | 'boolean' | 'array' | 'object' | 'null' | 'expression';

export const isArray = (value: Value): value is readonly Value[] => Array.isArray(value);
export const isObject = (value: Value): value is Readonly<Record<string, Value>> => isPlainObject(value);

export function typeOf(value: Value): TypeName {
  if (isNumber(value)) return 'number';
  if (typeof value === 'string') return 'string';
  if (typeof value === 'boolean') return 'boolean';
  if (value instanceof Reference) return 'expression';
  if (isArray(value)) return 'array';
  return isObject(value) ? 'object' : 'null';
}

/** Empty texts, lists and objects, null and false are false; 0 is not. */
export function holds(value: Value): boolean {
  if (isObject(value)) return Object.keys(value).length > 0;
  if (isArray(value) || typeof value === 'string') return value.length > 0;
  return value !== null && value !== undefined && value !== false;
}

/** True for the same JSON: 1 and true are different. */
export function isSame(a: Value, b: Value): boolean {
  if (typeOf(a) !== typeOf(b)) return false;
  if (isArray(a) && isArray(b)) return a.length === b.length && a.every((item, at) => isSame(item, b[at]));
  if (isObject(a) && isObject(b)) {
    const keys = Object.keys(a);
    return (
      keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && isSame(a[key], b[key]))
    );
  }
  return typeOf(a) === 'number' ? equals(a, b) : (a ?? null) === (b ?? null);
}

/** Numbers with numbers, and, as everybody has it, texts with texts; undefined for other pairs. */
export function order(a: Value, b: Value): number | undefined {
  const type = typeOf(a);
  if (type !== typeOf(b) || (type !== 'number' && type !== 'string')) return undefined;
  if (type === 'number') return compare(a, b);
  const [left, right] = [String(a), String(b)];
  return left < right ? -1 : left > right ? 1 : 0;
}
