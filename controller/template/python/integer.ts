import { Fault } from '../fault.ts';

/** A whole number: a plain one as far as those are exact, a bigint beyond. */
export type Integer = number | bigint;

/** The whole number that a value is (a boolean counts as 0 or 1); undefined for anything else. */
export function integerOf(value: unknown): Integer | undefined {
  if (typeof value === 'bigint') return value;
  if (typeof value === 'boolean') return value ? 1 : 0;
  return typeof value === 'number' && Number.isInteger(value) ? value : undefined;
}

/** The plain number where it is exact. */
export function normal(value: bigint): Integer {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

/** Bits that a whole number may have; printing larger ones takes too long. */
const largest = 100_000n;

/** base ** exponent of whole numbers, for an exponent that is not negative. */
export function power(base: bigint, exponent: bigint): Integer {
  const bits = BigInt((base < 0n ? -base : base).toString(2).length);
  if (bits > 1n && bits * exponent > largest) throw new Fault(`the number would have more than ${largest} bits`);
  return normal(base ** exponent);
}

/** Throws for a whole number that is too large to go on with. */
export function checkInteger(value: Integer): Integer {
  if (typeof value === 'bigint' && BigInt.asIntN(Number(largest), value) !== value) {
    throw new Fault(`the number has more than ${largest} bits`);
  }
  return value;
}

/** Python's // of whole numbers. */
export function floorDivide(a: bigint, b: bigint): bigint {
  const quotient = a / b;
  return a % b !== 0n && a < 0n !== b < 0n ? quotient - 1n : quotient;
}

/** Python's %: it has the sign of the divisor. */
export function modulo(a: bigint, b: bigint): bigint {
  const rest = a % b;
  return rest !== 0n && rest < 0n !== b < 0n ? rest + b : rest;
}
