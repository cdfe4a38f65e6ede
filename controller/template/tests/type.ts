import { Fault } from '../fault.ts';
import { lenient, plugin } from '../plugin.ts';
import { Callable, isFloat, isInteger, isList, isMapping, numberOf, typeName, Undefined } from '../values.ts';

const isNumber = (value: unknown): boolean => numberOf(value) !== undefined;
const sequence = plugin('', (value) => typeof value === 'string' || isList(value) || isMapping(value));

function needed(value: unknown): number {
  const number = numberOf(value);
  if (number === undefined) throw new Fault(`a number is needed, not a value of type ${typeName(value)}`);
  return number;
}

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
  nan: plugin('', (value) => Number.isNaN(needed(value))),
  isnan: plugin('', (value) => Number.isNaN(needed(value))),
  callable: plugin('', (value) => value instanceof Callable),
};
