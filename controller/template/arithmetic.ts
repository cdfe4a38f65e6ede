import { Fault } from './fault.ts';
import { Float } from './float.ts';
import { checkItems, checkText } from './limits.ts';
import { formatPercent } from './percent-format.ts';
import type { BinaryOperator } from './tree.ts';
import { isFloat, isList, numberOf, Tuple, typeName } from './values.ts';

function integer(value: number): number {
  if (Number.isSafeInteger(value)) return value;
  throw new Fault('the number is beyond ±2^53, where whole numbers are no longer exact');
}

function divisor(value: number): number {
  if (value === 0) throw new Fault('division by zero');
  return value;
}

/** Python's % has the sign of the divisor. */
function modulo(a: number, b: number): number {
  const rest = a % divisor(b);
  return rest !== 0 && rest < 0 !== b < 0 ? rest + b : rest;
}

const operations: Readonly<Record<BinaryOperator, (a: number, b: number) => number>> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / divisor(b),
  '//': (a, b) => Math.floor(a / divisor(b)),
  '%': modulo,
  '**': (a, b) => {
    if (a === 0 && b < 0) throw new Fault('division by zero');
    return a ** b;
  },
};

function repeat(value: string | readonly unknown[], count: number): unknown {
  const times = Math.max(0, count);
  if (typeof value === 'string') {
    checkText(value.length * times);
    return value.repeat(times);
  }
  checkItems(value.length * times);
  return Array.from({ length: times }, () => value).flat(1);
}

const isSequence = (value: unknown): value is string | readonly unknown[] => typeof value === 'string' || isList(value);

function sequenceOperation(operator: BinaryOperator, a: unknown, b: unknown): unknown {
  if (operator === '%' && typeof a === 'string') return formatPercent(a, b);
  if (operator === '*') {
    const [sequence, count] = isSequence(a) ? [a, b] : [b, a];
    if (isSequence(sequence) && (typeof count === 'boolean' || Number.isInteger(count))) {
      return repeat(sequence, Number(count));
    }
  }
  if (operator === '+') {
    if (typeof a === 'string' && typeof b === 'string') {
      checkText(a.length + b.length);
      return a + b;
    }
    if (isList(a) && isList(b) && a instanceof Tuple === b instanceof Tuple) {
      checkItems(a.length + b.length);
      const joined = [...a, ...b];
      return a instanceof Tuple ? Tuple.from(joined) : joined;
    }
  }
  const text = typeof a === 'string' || typeof b === 'string';
  throw new Fault(`'${operator}' does not work between ${typeName(a)} and ${typeName(b)}`, {
    hint: operator === '+' && text ? "join texts with '~', convert with '| int' or '| string'" : undefined,
  });
}

/** a operator b, with Python's meaning for numbers, text and lists. */
export function calculate(operator: BinaryOperator, a: unknown, b: unknown): unknown {
  const left = numberOf(a);
  const right = numberOf(b);
  if (left === undefined || right === undefined) return sequenceOperation(operator, a, b);
  const result = operations[operator](left, right);
  const float = operator === '/' || isFloat(a) || isFloat(b) || (operator === '**' && right < 0);
  if (Number.isNaN(result) && !Number.isNaN(left) && !Number.isNaN(right))
    throw new Fault('the result is not a real number');
  return float ? Float.of(result) : integer(result);
}

/** -value or +value. */
export function signed(value: unknown, negative: boolean): unknown {
  const number = numberOf(value);
  if (number === undefined) throw new Fault(`'${negative ? '-' : '+'}' does not work on ${typeName(value)}`);
  const result = negative ? 0 - number : number;
  return isFloat(value) ? Float.of(negative ? -number : number) : result;
}
