/**
 * Powers and logarithms of floats, rounded correctly: V8's own are now and then one unit in the last place beside what
 * Python has from the C library. Numbers are fixed-point bigints with `bits` bits behind the point.
 */
const bits = 160n;
const one = 1n << bits;

const times = (a: bigint, b: bigint): bigint => (a * b) >> bits;

/** A positive float as mantissa * 2 ** exponent, exactly (IEEE 754 binary64). */
function partsOf(value: number): { mantissa: bigint; exponent: number } {
  const word = new BigUint64Array(new Float64Array([value]).buffer)[0] ?? 0n;
  const exponent = Number((word >> 52n) & 0x7ffn);
  const fraction = word & 0xfffffffffffffn;
  return exponent === 0
    ? { mantissa: fraction, exponent: -1074 }
    : { mantissa: fraction | (1n << 52n), exponent: exponent - 1075 };
}

/** 2 * artanh(z), for small z. */
function twiceArtanh(z: bigint): bigint {
  const square = times(z, z);
  let sum = 0n;
  let power = z;
  for (let divisor = 1n; power !== 0n; divisor += 2n) {
    sum += power / divisor;
    power = times(power, square);
  }
  return 2n * sum;
}

const ln2 = twiceArtanh(one / 3n);

function fixedLog(value: number): bigint {
  const { mantissa, exponent } = partsOf(value);
  const length = mantissa.toString(2).length;
  const scaled = mantissa << (bits - BigInt(length - 1));
  const power = BigInt(exponent + length - 1);
  return twiceArtanh(((scaled - one) << bits) / (scaled + one)) + power * ln2;
}

/** A fixed-point number times 2 ** exponent as the nearest float. */
function nearest(value: bigint, exponent: number): number {
  // What lies between two floats exactly must not be pushed aside by the last of all these bits.
  const spare = 40n;
  const rounded = Number((value + (1n << (spare - 1n))) >> spare);
  const shift = exponent - Number(bits - spare);
  return rounded * 2 ** Math.trunc(shift / 2) * 2 ** (shift - Math.trunc(shift / 2));
}

function exponential(value: bigint): number {
  const power = (value + ln2 / 2n) / ln2 - (value + ln2 / 2n < 0n ? 1n : 0n);
  const rest = value - power * ln2;
  let sum = one;
  let term = one;
  for (let count = 1n; term !== 0n && term !== -1n; count++) {
    term = times(term, rest) / count;
    sum += term;
  }
  return nearest(sum, Number(power));
}

/** base ** exponent; what has no such power is left to JavaScript's operator. */
export function power(base: number, exponent: number): number {
  const plain = base ** exponent;
  if (!Number.isFinite(plain) || plain === 0 || base === 0 || exponent === 0) return plain;
  const { mantissa, exponent: shift } = partsOf(Math.abs(exponent));
  const log = fixedLog(Math.abs(base)) * mantissa;
  const product = shift < 0 ? log >> BigInt(-shift) : log << BigInt(shift);
  const found = exponential(exponent < 0 ? -product : product);
  return plain < 0 ? -found : found;
}

/** The natural logarithm of a positive number. */
export function logarithm(value: number): number {
  if (!Number.isFinite(value)) return Math.log(value);
  const log = fixedLog(value);
  return log < 0n ? -nearest(-log, 0) : nearest(log, 0);
}
