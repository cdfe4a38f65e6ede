import type { Float } from '../../../proto/float.ts';
import { methodTable } from './method.ts';

/** The binary digits of a whole number, without its sign. */
const digits = (value: number | bigint | boolean): string => BigInt(value).toString(2).replace(/^-?0*/, '');

export const integerMethods = methodTable<number | bigint | boolean>([
  ['bit_count', '', (value) => digits(value).replaceAll('0', '').length],
  ['bit_length', '', (value) => digits(value).length],
  ['is_integer', '', () => true],
]);

export const floatMethods = methodTable<number | Float>([
  ['is_integer', '', (value) => Number.isInteger(Number(value))],
]);
