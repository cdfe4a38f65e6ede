import { Float } from '../../../proto/float.ts';
import { str } from './text.ts';

export interface NumberLayout {
  /** '-': only minus is shown; '+' and ' ' mark what is not negative. */
  readonly sign: string;
  /** Fill with zeros between sign and digits up to width. */
  readonly zero: boolean;
  /** 0x, 0o, 0b before the digits; a point in every float, and %g's zeros at the end. */
  readonly alternate: boolean;
  readonly width: number;
  readonly precision: number | undefined;
  /** Between every three digits before the point; every four of other bases. */
  readonly comma?: string | undefined;
}

const prefixes: Readonly<Record<string, string>> = { x: '0x', X: '0X', o: '0o', b: '0b' };
const bases: Readonly<Record<string, number>> = { x: 16, X: 16, o: 8, b: 2 };

const exponent = (text: string): string => text.replace(/e([+-])(\d)$/, 'e$10$2');

/** As it was rounded, but a tie goes to the even digit, as in Python: JavaScript's go up. `exact` has more digits than a tie can have. */
function tieToEven(rounded: string, exact: string, places: number): string {
  const kept = places > 0 ? `\\d+\\.\\d{${places}}` : '\\d+(?=\\.)';
  const [, even, power = ''] = new RegExp(`^(${kept})\\.?50+(e.*)?$`).exec(exact) ?? [];
  return even !== undefined && /[02468]$/.test(even) ? even + power : rounded;
}

/** JavaScript writes numbers from 10^21 on with an exponent; they are whole ones. */
const fixed = (value: number, places: number): string =>
  value >= 1e21
    ? `${BigInt(value)}${places > 0 ? `.${'0'.repeat(places)}` : ''}`
    : tieToEven(value.toFixed(places), value.toFixed(100), places);

const exponential = (value: number, places: number): string =>
  tieToEven(value.toExponential(places), value.toExponential(100), places);

/** Python's %g: the shorter of fixed and exponent form. */
function general(value: number, precision: number, alternate: boolean, most = Math.max(precision, 1)): string {
  const shown = alternate ? (text: string) => text : trimZeros;
  const digits = Math.min(Math.max(precision, 1), 100);
  const power = value === 0 ? 0 : Number(exponential(value, digits - 1).split('e')[1]);
  if (power < -4 || power >= most) {
    const [mantissa = '', rest = ''] = exponential(value, digits - 1).split('e');
    return exponent(`${shown(mantissa)}e${rest}`);
  }
  return shown(fixed(value, Math.min(Math.max(digits - 1 - power, 0), 100)));
}

const trimZeros = (text: string): string => (text.includes('.') ? text.replace(/\.?0+$/, '') : text);

type Digits = Pick<NumberLayout, 'precision' | 'alternate'>;

function digitsOf(size: number | bigint, kind: string, { precision, alternate }: Digits): string {
  if (typeof size === 'bigint') return bigDigits(size, kind, { precision, alternate });
  if (!Number.isFinite(size)) return Number.isNaN(size) ? 'nan' : 'inf';
  const places = Math.min(precision ?? 6, 100);
  switch (kind) {
    case 'd':
      return BigInt(size)
        .toString()
        .padStart(precision ?? 0, '0');
    case 'f':
    case 'F':
      return fixed(size, places);
    case 'e':
      return exponent(exponential(size, places));
    case 'E':
      return exponent(exponential(size, places)).toUpperCase();
    case 'g':
      return general(size, precision ?? 6, alternate);
    case 'G':
      return general(size, precision ?? 6, alternate).toUpperCase();
    case 'r': {
      if (precision === undefined) return str(Float.of(size));
      const text = general(size, precision, alternate, Math.max(precision, 1) - 1);
      return /[.e]/.test(text) ? text : `${text}.0`;
    }
    default: {
      const text = BigInt(size).toString(bases[kind] ?? 10);
      return kind === 'X' ? text.toUpperCase() : text;
    }
  }
}

const absolute = (value: number | bigint): number | bigint =>
  typeof value === 'bigint' ? (value < 0n ? -value : value) : Math.abs(value);

function bigDigits(size: bigint, kind: string, layout: Digits): string {
  if (kind === 'd') return size.toString().padStart(layout.precision ?? 0, '0');
  const base = bases[kind];
  if (base === undefined) return digitsOf(Number(size), kind, layout);
  return kind === 'X' ? size.toString(base).toUpperCase() : size.toString(base);
}

const pointed = (text: string): string => (text.includes('.') ? text : text.replace(/^\d+/, '$&.'));

function grouped(text: string, kind: string, comma: string | undefined): string {
  if (comma === undefined) return text;
  const places = kind in bases ? /[\da-f](?=([\da-f]{4})+$)/gi : /\d(?=(\d{3})+(?!\d))(?<!\.\d*)/g;
  return text.replace(places, `$&${comma}`);
}

/** A number by one of the kinds that % and format share: d f F e E g G x X o b, and r, as it is printed. Whole kinds need a whole number. */
export function formatNumber(value: number | bigint, kind: string, layout: NumberLayout): string {
  const negative = value < 0 || Object.is(value, -0);
  const whole = kind === 'd' || kind in bases;
  const sign = negative && !(whole && value === 0) ? '-' : layout.sign === '-' ? '' : layout.sign;
  const prefix = layout.alternate ? (prefixes[kind] ?? '') : '';
  const plain = digitsOf(absolute(value), kind, layout);
  const room = layout.zero ? layout.width - sign.length - prefix.length : 0;
  let digits = layout.alternate && !whole ? pointed(plain) : plain;
  // Zeros in front are grouped, too: as many as surely fit, then one by one.
  digits = digits.padStart(layout.comma === undefined ? room : Math.floor(room * 0.75), '0');
  while (grouped(digits, kind, layout.comma).length < room) digits = `0${digits}`;
  return sign + prefix + grouped(digits, kind, layout.comma);
}
