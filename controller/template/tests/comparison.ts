import { lenient, plugin } from '../plugin.ts';
import { calculate } from '../python/arithmetic.ts';
import { asInteger, asList } from '../python/coerce.ts';
import { compare, contains, equals, truth } from '../python/compare.ts';
import { isList, isMapping, numberOf, typeName } from '../python/values.ts';

const remainder = (value: unknown, by: unknown): number | undefined => numberOf(calculate('%', value, by));

/** Python's `is`, as far as plain data has it: the same type and value, or the very same list or dict. */
const sameAs = (value: unknown, other: unknown): boolean =>
  isList(value) || isMapping(value) ? value === other : typeName(value) === typeName(other) && equals(value, other);

const holdsAll = (large: unknown, small: unknown): boolean =>
  asList(small).every((item) => contains(asList(large), item));

/** Whether a value is true; with `convert` the words of a switch mean what they say. */
function holds(value: unknown, convert: unknown): boolean {
  if (!truth(convert ?? false) || typeof value !== 'string') return truth(value);
  return truth(value) && !['n', 'no', 'off', '0', 'false', 'f'].includes(value.trim().toLowerCase());
}

const equalto = plugin('other', (value, [other]) => equals(value, other));
const notEqual = plugin('other', (value, [other]) => !equals(value, other));
const below = plugin('other', (value, [other]) => compare(value, other) < 0);
const atMost = plugin('other', (value, [other]) => compare(value, other, '<=') <= 0);
const above = plugin('other', (value, [other]) => compare(value, other, '>') > 0);
const atLeast = plugin('other', (value, [other]) => compare(value, other, '>=') >= 0);
const subset = plugin('other', (value, [other]) => holdsAll(other, value));
const superset = plugin('other', (value, [other]) => holdsAll(value, other));

export const comparisonTests = {
  equalto,
  eq: equalto,
  '==': equalto,
  ne: notEqual,
  '!=': notEqual,
  lt: below,
  lessthan: below,
  '<': below,
  le: atMost,
  '<=': atMost,
  gt: above,
  greaterthan: above,
  '>': above,
  ge: atLeast,
  '>=': atLeast,
  in: plugin('container', (value, [container]) => contains(container, value)),
  contains: plugin('item', (value, [item]) => contains(value, item)),
  even: plugin('', (value) => remainder(value, 2) === 0),
  odd: plugin('', (value) => remainder(value, 2) === 1),
  divisibleby: plugin('num', (value, [by]) => remainder(value, asInteger(by, 'num')) === 0),
  subset,
  issubset: subset,
  superset,
  issuperset: superset,
  sameas: plugin('other', (value, [other]) => sameAs(value, other)),
  all: plugin('', (value) => asList(value).every(truth)),
  any: plugin('', (value) => asList(value).some(truth)),
  truthy: lenient('convert_bool?', (value, [convert]) => holds(value, convert)),
  falsy: lenient('convert_bool?', (value, [convert]) => !holds(value, convert)),
};
