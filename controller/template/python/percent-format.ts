import { Fault } from '../fault.ts';
import { checkText } from '../limits.ts';
import { integerOf } from './integer.ts';
import { mapGet } from './mapping.ts';
import { formatNumber, type NumberLayout } from './number-format.ts';
import { repr, str } from './text.ts';
import { definedOrNoElse, isFloat, isMapping, numberOf, Tuple, typeName } from './values.ts';

const conversion = /%(?:\(([^)]*)\))?([-+ #0]*)(\*|\d+)?(?:\.(\*|\d+))?[hlL]?([\s\S]?)/g;

function pad(text: string, width: number, left: boolean): string {
  checkText(width);
  return left ? text.padEnd(width) : text.padStart(width);
}

function convert(type: string, value: unknown, layout: NumberLayout & { readonly left: boolean }): string {
  const { precision, width, left } = layout;
  if (type === 's' || type === 'r' || type === 'a') {
    const text = type === 's' ? str(value) : repr(value);
    return pad(precision === undefined ? text : text.slice(0, precision), width, left);
  }
  if (type === 'c')
    return pad(typeof value === 'string' ? value : String.fromCodePoint(numberOf(value) ?? 0), width, left);
  const number = numberOf(value);
  if (number === undefined) throw new Fault(`'%${type}' needs a number, not ${typeName(value)}`);
  if ('xXo'.includes(type) && isFloat(value)) throw new Fault(`'%${type}' needs a whole number`);
  const kind = type === 'i' || type === 'u' ? 'd' : type;
  const whole = integerOf(value) ?? Math.trunc(number);
  const text = formatNumber('dxXo'.includes(kind) ? whole : number, kind, layout);
  return pad(text, width, left);
}

/** Python's `'text %s' % values`. */
export function formatPercent(format: string, given: unknown): string {
  const values = given instanceof Tuple ? given : [given];
  let index = 0;
  let named = false;
  const next = (): unknown => {
    if (index >= values.length) throw new Fault('not enough values for the text before %');
    return definedOrNoElse(values[index++]);
  };
  const result = format.replace(
    conversion,
    (whole, key?: string, flags = '', width?: string, precision?: string, type = '') => {
      if (type === '%') return '%';
      if (!'diouxXeEfFgGcrsa'.includes(type) || type === '') throw new Fault(`'${whole}' is not a conversion of %`);
      const size = (text: string | undefined) =>
        text === '*' ? numberOf(next()) : text === undefined ? undefined : Number(text);
      const wide = size(width) ?? 0;
      const exact = size(precision);
      checkText(Math.max(Math.abs(wide), exact ?? 0));
      let value: unknown;
      if (key === undefined) value = next();
      else {
        named = true;
        if (!isMapping(given)) throw new Fault(`'%(${key})' needs a dict after %`);
        value = mapGet(given, key);
        if (value === undefined) throw new Fault(`the dict after % has no key '${key}'`);
      }
      const left = flags.includes('-') || wide < 0;
      const sign = flags.includes('+') ? '+' : flags.includes(' ') ? ' ' : '-';
      const zero = flags.includes('0') && !left;
      return convert(type, value, {
        sign,
        zero,
        alternate: flags.includes('#'),
        width: Math.abs(wide),
        precision: exact,
        left,
      });
    },
  );
  if (!named && index < values.length && !isMapping(given)) throw new Fault('too many values for the text before %');
  checkText(result.length);
  return result;
}
