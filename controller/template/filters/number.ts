import { Float } from '../../../proto/float.ts';
import { Fault } from '../fault.ts';
import { plugin } from '../plugin.ts';
import { calculate } from '../python/arithmetic.ts';
import { asInteger, asText } from '../python/coerce.ts';
import { type Integer, integerOf, normal } from '../python/integer.ts';
import { TimeDelta } from '../python/moment.ts';
import { logarithm, power } from '../python/real.ts';
import { defined, isFloat, numberOf, typeName } from '../python/values.ts';

const prefixes: Readonly<Record<number, RegExp>> = { 2: /^0b/i, 8: /^0o/i, 16: /^0x/i };

function parseInteger(text: string, base: number): Integer | undefined {
  const negative = /^\s*-/.test(text);
  const digits = text
    .trim()
    .replace(/^[-+]/, '')
    .replace(prefixes[base] ?? /^(?!)/, '')
    .replaceAll(/(?<=[\da-z])_(?=[\da-z])/gi, '');
  const allowed =
    base <= 10 ? new RegExp(`^[0-${base - 1}]+$`) : new RegExp(`^[0-9a-${String.fromCharCode(86 + base)}]+$`, 'i');
  if (!allowed.test(digits)) return undefined;
  const value = [...digits].reduce((sum, digit) => sum * BigInt(base) + BigInt(Number.parseInt(digit, base)), 0n);
  return normal(negative ? -value : value);
}

/** Python's float() of a text; undefined when it isn't a number. */
function parseFloatText(text: string): number | undefined {
  const trimmed = text
    .trim()
    .replaceAll(/(?<=\d)_(?=\d)/g, '')
    .toLowerCase();
  if (/^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/.test(trimmed)) return Number(trimmed);
  const [, sign, word] = /^([-+]?)(inf|infinity|nan)$/.exec(trimmed) ?? [];
  if (word === undefined) return undefined;
  return word === 'nan' ? Number.NaN : sign === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
}

function int(value: unknown, fallback: unknown, base: number): unknown {
  if (base < 2 || base > 36) throw new Fault("'base' must be between 2 and 36");
  const whole = typeof value === 'string' ? parseInteger(value, base) : integerOf(value);
  if (whole !== undefined) return whole;
  const number = typeof value === 'string' ? parseFloatText(value) : numberOf(value);
  if (number === Infinity || number === -Infinity) throw new Fault('an infinite number is no whole one');
  return number === undefined || Number.isNaN(number) ? fallback : normal(BigInt(Math.trunc(number)));
}

function numeric(value: unknown, what: string): number {
  const number = numberOf(value);
  if (number === undefined)
    throw new Fault(`${what}() can only be used on numbers: must be real number, not ${typeName(value)}`);
  return number;
}

/** Rounds the decimal that the number prints as; ties to even, as Python. */
function roundCommon(value: number, precision: number): number {
  if (!Number.isFinite(value) || precision > 15) return value;
  const scale = 10 ** Math.abs(precision);
  const scaled = precision < 0 ? value / scale : value * scale;
  const down = Math.floor(scaled);
  const exactTie = Number(value.toFixed(Math.min(100, Math.max(0, precision) + 25))) === value && scaled - down === 0.5;
  if (exactTie && precision >= 0 && !isExactTie(value, precision)) return Number(value.toFixed(precision));
  const rounded = exactTie ? (down % 2 === 0 ? down : down + 1) : precision < 0 ? Math.round(scaled) : undefined;
  if (rounded === undefined) return Number(value.toFixed(precision));
  return precision < 0 ? rounded * scale : rounded / scale;
}

/** True when the binary number lies exactly between two decimals (2.5, 0.125), not only nearly (2.675). */
const isExactTie = (value: number, precision: number): boolean =>
  /^[-\d]*\.\d*50*$/.test(value.toFixed(Math.min(100, precision + 30))) && (value * 2 ** 40) % 1 === 0;

function round(value: unknown, precision: number, method: string): unknown {
  if (typeof value === 'bigint' && precision >= 0 && method === 'common') return value;
  const number = numeric(value, 'round');
  const scale = 10 ** precision;
  // Python's round() leaves a whole number one.
  if (method === 'common')
    return isFloat(value) ? Float.of(roundCommon(number, precision)) : roundCommon(number, precision);
  if (method === 'ceil') return Float.of(Math.ceil(number * scale) / scale);
  if (method === 'floor') return Float.of(Math.floor(number * scale) / scale);
  throw new Fault("'method' must be 'common', 'ceil' or 'floor'");
}

const logarithmTo = (value: number, base: number): number =>
  base === 10 ? Math.log10(value) : logarithm(value) / logarithm(base);

export const numberFilters = {
  int: plugin('default?, base?', (value, [fallback, base]) =>
    int(defined(value), fallback === undefined ? 0 : fallback, asInteger(base, 'base', 10)),
  ),
  float: plugin('default?', (value, [fallback]) => {
    const number = typeof value === 'string' ? parseFloatText(value) : numberOf(value);
    if (number !== undefined) return Float.of(number);
    return fallback === undefined ? Float.of(0) : fallback;
  }),
  abs: plugin('', (value) => {
    if (typeof value === 'bigint') return value < 0n ? -value : value;
    if (value instanceof TimeDelta) return new TimeDelta(Math.abs(value.micros));
    const size = Math.abs(numeric(value, 'abs'));
    return isFloat(value) ? Float.of(size) : size;
  }),
  round: plugin('precision?, method?', (value, [precision, method]) =>
    round(value, asInteger(precision, 'precision', 0), asText(method ?? 'common', 'method')),
  ),
  pow: plugin('y', (value, [exponent]) =>
    Float.of(numeric(calculate('**', Float.of(numeric(value, 'pow')), exponent), 'pow')),
  ),
  root: plugin('base?', (value, [base]) => {
    const [number, degree] = [numeric(value, 'root'), numberOf(base ?? 2) ?? 2];
    const found = degree === 2 ? Math.sqrt(number) : power(number, 1 / degree);
    if (Number.isNaN(found)) throw new Fault('root needs a number that is not negative');
    return Float.of(found);
  }),
  log: plugin('base?', (value, [base]) => {
    const number = numeric(value, 'log');
    if (number <= 0) throw new Fault('log needs a number above 0');
    return Float.of(logarithmTo(number, numberOf(base ?? Math.E) ?? Math.E));
  }),
};
