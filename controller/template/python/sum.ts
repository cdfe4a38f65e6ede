import { Float } from '../../../proto/float.ts';
import { calculate } from './arithmetic.ts';
import { isFloat, numberOf } from './values.ts';

/**
 * sum() of Python 3.12 and later: what is lost of floats while they are added is added in the end (Neumaier), so that 0.1, 0.2 and
 * 0.3 are 0.6. Throws Fault where + does not work.
 */
export function sumOf(items: readonly unknown[], start: unknown): unknown {
  let sum = start;
  let lost = 0;
  for (const item of items) {
    const next = calculate('+', sum, item);
    const [a = 0, b = 0, both = 0] = [sum, item, next].map(numberOf);
    if (isFloat(sum) && isFloat(item)) lost += Math.abs(a) >= Math.abs(b) ? a - both + b : b - both + a;
    sum = next;
  }
  return lost !== 0 && Number.isFinite(lost) ? calculate('+', sum, Float.of(lost)) : sum;
}
