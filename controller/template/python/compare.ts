import { Fault } from '../fault.ts';
import { Tally } from '../limits.ts';
import type { Integer } from './integer.ts';
import { mapEntries, mapGet, mapHas, mapSize } from './mapping.ts';
import { Moment, TimeDelta } from './moment.ts';
import { defined, definedOrNoElse, isList, isMapping, NoElse, numberOf, Tuple, typeName } from './values.ts';

/** A number or boolean as JavaScript compares it: bigints exactly, with numbers too. */
const quantityOf = (value: unknown): Integer | undefined => (typeof value === 'bigint' ? value : numberOf(value));

function same(a: unknown, b: unknown, tally: Tally): boolean {
  tally.spend();
  definedOrNoElse(a);
  definedOrNoElse(b);
  if (a === b) return true;
  const left = quantityOf(a);
  if (left !== undefined) {
    const right = quantityOf(b);
    return right !== undefined && left <= right && left >= right;
  }
  if (isList(a)) {
    if (!isList(b) || a.length !== b.length || a instanceof Tuple !== b instanceof Tuple) return false;
    return a.every((item, index) => same(item, b[index], tally));
  }
  if (isMapping(a)) {
    if (!isMapping(b) || mapSize(a) !== mapSize(b)) return false;
    return mapEntries(a).every(([key, value]) => mapHas(b, key) && same(value, mapGet(b, key), tally));
  }
  if (a instanceof Moment) return a.isLike(b) && a.micros === b.micros;
  if (a instanceof TimeDelta) return b instanceof TimeDelta && a.micros === b.micros;
  if (a instanceof NoElse) return b instanceof NoElse;
  return (a ?? null) === (b ?? null);
}

/** Python's ==: deep, and 1 == 1.0 == True. */
export const equals = (a: unknown, b: unknown): boolean => same(a, b, new Tally());

function textOrder(a: string, b: string): number {
  if (a === b) return 0;
  // UTF-16 and code points agree unless surrogates meet U+E000 and up.
  return /[\ud800-\uffff]/.test(a + b) ? Buffer.compare(Buffer.from(a), Buffer.from(b)) : a < b ? -1 : 1;
}

function order(a: unknown, b: unknown, tally: Tally, operator: string): number {
  tally.spend();
  defined(a);
  defined(b);
  const left = quantityOf(a);
  const right = quantityOf(b);
  if (left !== undefined && right !== undefined)
    return left < right ? -1 : left > right ? 1 : left >= right ? 0 : Number.NaN;
  if (typeof a === 'string' && typeof b === 'string') return textOrder(a, b);
  if (isList(a) && isList(b) && a instanceof Tuple === b instanceof Tuple) {
    for (let index = 0; index < Math.min(a.length, b.length); index++) {
      const result = same(a[index], b[index], tally) ? 0 : order(a[index], b[index], tally, operator);
      if (result !== 0) return result;
    }
    return a.length - b.length;
  }
  if (a instanceof Moment && b instanceof Moment && a.title === b.title) {
    if (a.isLike(b)) return a.micros - b.micros;
    throw new Fault('a time with an offset from UTC and one without have no order');
  }
  if (a instanceof TimeDelta && b instanceof TimeDelta) return a.micros - b.micros;
  const number = left !== undefined ? right : left;
  const hint = left !== undefined || right !== undefined ? number === undefined && isText(a, b) : false;
  throw new Fault(`'${operator}' not supported between instances of '${typeName(a)}' and '${typeName(b)}'`, {
    hint: hint ? "convert with '| int'" : undefined,
  });
}

const isText = (a: unknown, b: unknown): boolean => typeof a === 'string' || typeof b === 'string';

/**
 * Below, at or above 0 as a sorts before, with or after b; NaN when neither (nan). Throws for types without an order.
 *
 * @param operator the one that asks
 */
export const compare = (a: unknown, b: unknown, operator = '<'): number => order(a, b, new Tally(), operator);

/** Python's `item in container`. */
export function contains(container: unknown, item: unknown): boolean {
  definedOrNoElse(container);
  definedOrNoElse(item);
  if (container instanceof NoElse) return false;
  if (typeof container === 'string') {
    if (typeof item !== 'string')
      throw new Fault(`only text can be in a text, not ${typeName(item)}`, { hint: "convert with '| string'" });
    return container.includes(item);
  }
  if (isList(container)) {
    const tally = new Tally();
    return container.some((element) => same(element, item, tally));
  }
  if (isMapping(container)) return mapHas(container, item);
  throw new Fault(`nothing can be 'in' a value of type ${typeName(container)}`);
}

/** Python's truth of a value: empty text, lists and dicts, 0 and None are false. */
export function truth(value: unknown): boolean {
  if (definedOrNoElse(value) instanceof NoElse) return false;
  const number = numberOf(value);
  if (number !== undefined) return number !== 0;
  if (typeof value === 'string' || isList(value)) return value.length > 0;
  if (isMapping(value)) return mapSize(value) > 0;
  if (value instanceof TimeDelta) return value.micros !== 0;
  return value !== null && value !== undefined;
}
