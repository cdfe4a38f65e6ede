import { lenient, plugin } from '../plugin.ts';
import { Callable, isFloat, isInteger, isList, isMapping, numberOf, Undefined } from '../python/values.ts';

const isNumber = (value: unknown): boolean => numberOf(value) !== undefined;
const sequence = plugin('', (value) => typeof value === 'string' || isList(value) || isMapping(value));

const isNan = (value: unknown): boolean => Number.isNaN(numberOf(value));

export const typeTests = {
  defined: lenient('', (value) => !(value instanceof Undefined)),
  undefined: lenient('', (value) => value instanceof Undefined),
  none: plugin('', (value) => value === null || value === undefined),
  boolean: plugin('', (value) => typeof value === 'boolean'),
  true: plugin('', (value) => value === true),
  false: plugin('', (value) => value === false),
  string: plugin('', (value) => typeof value === 'string'),
  number: plugin('', isNumber),
  integer: plugin('', isInteger),
  float: plugin('', isFloat),
  mapping: plugin('', isMapping),
  sequence,
  iterable: sequence,
  nan: plugin('', isNan),
  isnan: plugin('', isNan),
  callable: plugin('', (value) => value instanceof Callable),
};
