import { Float } from '../../../proto/float.ts';
import { Fault } from '../fault.ts';
import { checkItems, checkText } from '../limits.ts';
import type { BinaryOperator } from '../parse/tree.ts';
import { checkInteger, floorDivide, type Integer, integerOf, modulo, normal, power } from './integer.ts';
import { DateTime, Moment, TimeDelta } from './moment.ts';
import { formatPercent } from './percent-format.ts';
import { power as realPower } from './real.ts';
import { isFloat, isList, numberOf, Tuple, typeName } from './values.ts';

function divisor(value: number): number {
  if (value === 0) throw new Fault('division by zero');
  return value;
}

/** Python's % of floats has the sign of the divisor. */
function floatModulo(a: number, b: number): number {
  const rest = a % divisor(b);
  return rest !== 0 && rest < 0 !== b < 0 ? rest + b : rest;
}

/** By way of the remainder, as Python: 1.0 // 0.1 is 9. */
function floatFloor(a: number, b: number): number {
  const rest = a % divisor(b);
  const quotient = (a - rest) / b - (rest !== 0 && rest < 0 !== b < 0 ? 1 : 0);
  const floor = Math.floor(quotient);
  return quotient - floor > 0.5 ? floor + 1 : floor;
}

const floatOperations: Readonly<Record<BinaryOperator, (a: number, b: number) => number>> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / divisor(b),
  '//': floatFloor,
  '%': floatModulo,
  '**': (a, b) => {
    if (a === 0 && b < 0) throw new Fault('division by zero');
    return realPower(a, b);
  },
};

type WholeOperator = Exclude<BinaryOperator, '/'>;

const bigOperations: Readonly<Record<WholeOperator, (a: bigint, b: bigint) => Integer>> = {
  '+': (a, b) => normal(a + b),
  '-': (a, b) => normal(a - b),
  '*': (a, b) => normal(a * b),
  '//': (a, b) => normal(floorDivide(a, b)),
  '%': (a, b) => normal(modulo(a, b)),
  '**': power,
};

const exactly = { '+': true, '-': true, '*': true };

/** An operation of whole numbers: plain ones where the result is exact, else on bigints. */
function wholeOperation(operator: WholeOperator, a: Integer, b: Integer): Integer {
  if ((operator === '//' || operator === '%') && Number(b) === 0) throw new Fault('division by zero');
  if (typeof a === 'number' && typeof b === 'number' && operator in exactly) {
    const result = floatOperations[operator](a, b);
    if (Number.isSafeInteger(result)) return result + 0;
  }
  return checkInteger(bigOperations[operator](BigInt(a), BigInt(b)));
}

function repeat(value: string | readonly unknown[], count: number): unknown {
  const times = Math.max(0, count);
  if (typeof value === 'string') {
    checkText(value.length * times);
    return value.repeat(times);
  }
  checkItems(value.length * times);
  const repeated = Array.from({ length: times }, () => value).flat(1);
  return value instanceof Tuple ? Tuple.from(repeated) : repeated;
}

const isSequence = (value: unknown): value is string | readonly unknown[] => typeof value === 'string' || isList(value);

/** Sums and differences of moments and of the times between them; undefined for others. */
function spanOf(operator: BinaryOperator, a: unknown, b: unknown): Moment | TimeDelta | undefined {
  const sign = operator === '+' ? 1 : operator === '-' ? -1 : undefined;
  if (sign === undefined) return undefined;
  if (sign < 0 && a instanceof Moment && a.isLike(b)) return new TimeDelta(a.micros - b.micros);
  if (!(b instanceof TimeDelta))
    return sign > 0 && a instanceof TimeDelta && b instanceof DateTime ? b.later(a.micros) : undefined;
  if (a instanceof DateTime) return a.later(sign * b.micros);
  return a instanceof TimeDelta ? new TimeDelta(a.micros + sign * b.micros) : undefined;
}

/** Products and quotients of a time between moments; undefined for others. */
function shareOf(operator: BinaryOperator, a: unknown, b: unknown): unknown {
  if (a instanceof TimeDelta && b instanceof TimeDelta) {
    if (operator === '%') return new TimeDelta(floatModulo(a.micros, b.micros));
    return operator === '/' || operator === '//' ? calculate(operator, a.micros, b.micros) : undefined;
  }
  const [span, factor] = a instanceof TimeDelta ? [a, numberOf(b)] : [b, numberOf(a)];
  if (!(span instanceof TimeDelta) || factor === undefined) return undefined;
  if (operator === '*') return new TimeDelta(span.micros * factor);
  if (span !== a) return undefined;
  if (operator === '/') return new TimeDelta(span.micros / divisor(factor));
  return operator === '//' && integerOf(b) !== undefined ? new TimeDelta(floatFloor(span.micros, factor)) : undefined;
}

/** What Python says of two values that an operator does not take. */
function unfitText(operator: BinaryOperator, a: unknown, b: unknown): string {
  const [left, right] = [typeName(a), typeName(b)];
  if (operator === '+' && isSequence(a)) return `can only concatenate ${left} (not "${right}") to ${left}`;
  if (operator === '*' && (isSequence(a) || isSequence(b))) {
    return `can't multiply sequence by non-int of type '${isSequence(a) ? right : left}'`;
  }
  return `unsupported operand type(s) for ${operator === '**' ? '** or pow()' : operator}: '${left}' and '${right}'`;
}

function sequenceOperation(operator: BinaryOperator, a: unknown, b: unknown): unknown {
  const span = spanOf(operator, a, b) ?? shareOf(operator, a, b);
  if (span !== undefined) return span;
  if (operator === '%' && typeof a === 'string') return formatPercent(a, b);
  if (operator === '*') {
    const [sequence, count] = isSequence(a) ? [a, b] : [b, a];
    const times = integerOf(count);
    if (isSequence(sequence) && times !== undefined) return repeat(sequence, Number(times));
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
  throw new Fault(unfitText(operator, a, b), {
    hint: operator === '+' && text ? "join texts with '~', convert with '| int' or '| string'" : undefined,
  });
}

/** a operator b, with Python's meaning for numbers, text and lists. */
export function calculate(operator: BinaryOperator, a: unknown, b: unknown): unknown {
  const left = numberOf(a);
  const right = numberOf(b);
  if (left === undefined || right === undefined) return sequenceOperation(operator, a, b);
  const [one, two] = [integerOf(a), integerOf(b)];
  if (one !== undefined && two !== undefined && operator !== '/' && !(operator === '**' && right < 0)) {
    return wholeOperation(operator, one, two);
  }
  const result = floatOperations[operator](left, right);
  if (Number.isNaN(result) && !Number.isNaN(left) && !Number.isNaN(right))
    throw new Fault('the result is not a real number');
  if (!Number.isFinite(result) && Number.isFinite(left) && Number.isFinite(right) && operator === '**') {
    throw new Fault('the result is too large for a float');
  }
  return Float.of(result);
}

/** -value or +value. */
export function signed(value: unknown, negative: boolean): unknown {
  if (value instanceof TimeDelta) return negative ? new TimeDelta(-value.micros) : value;
  if (typeof value === 'bigint') return negative ? normal(-value) : value;
  const number = numberOf(value);
  if (number === undefined) throw new Fault(`'${negative ? '-' : '+'}' does not work on ${typeName(value)}`);
  const result = negative ? 0 - number : number;
  return isFloat(value) ? Float.of(negative ? -number : number) : result;
}
