import { Fault } from '../fault.ts';
import { checkText } from '../limits.ts';
import { attributeOf, itemOf } from './access.ts';
import { integerOf } from './integer.ts';
import { formatNumber } from './number-format.ts';
import { repr, str } from './text.ts';
import { defined, type Given, isInteger, isList, isMapping, numberOf, typeName } from './values.ts';

const field = /\{\{|\}\}|\{([^{}:!]*)(?:!([rs]))?(?::((?:[^{}]|\{[^{}]*\})*))?\}|[{}]/g;
const specification = /^(?:([\s\S])?([<>=^]))?([-+ ])?(#)?(0)?(\d+)?([,_])?(?:\.(\d+))?([a-zA-Z%])?$/u;

/** Python's `'{} {name:>8}'.format(...)`. */
export function formatBraces(format: string, given: Given): string {
  let automatic = 0;
  const result = format.replace(field, (whole, path?: string, conversion?: string, spec = '') => {
    if (whole === '{{' || whole === '}}') return whole.charAt(0);
    if (path === undefined) throw new Fault(`single '${whole}' in the format`, { hint: `write '${whole}${whole}'` });
    const argument = (of: string) => resolve(of, given, () => automatic++);
    const value = argument(path);
    const layout = spec.replace(/\{([^{}]*)\}/g, (_: string, inner: string) => str(argument(inner)));
    if (conversion !== undefined) return formatValue(conversion === 'r' ? repr(value) : str(value), layout);
    return formatValue(value, layout);
  });
  checkText(result.length);
  return result;
}

function resolve(path: string, given: Given, next: () => number): unknown {
  const [first = ''] = /^[^.[]*/.exec(path) ?? [];
  let value: unknown;
  if (first === '' || /^\d+$/.test(first)) {
    const index = first === '' ? next() : Number(first);
    if (index >= given.positional.length) throw new Fault(`the format has no argument ${index}`);
    value = given.positional[index];
  } else {
    if (!given.named.has(first)) throw new Fault(`the format has no argument '${first}'`);
    value = given.named.get(first);
  }
  for (const [, name, key] of path.slice(first.length).matchAll(/\.([^.[]+)|\[([^\]]*)\]/g)) {
    value = name !== undefined ? attributeOf(value, name) : itemOf(value, /^\d+$/.test(key ?? '') ? Number(key) : key);
  }
  return defined(value);
}

/** One value by a format specification such as `>8`, `08.3f`, `,`, `#x`. */
function formatValue(value: unknown, spec: string): string {
  if (spec === '') return str(value);
  const parts = specification.exec(spec);
  if (!parts) throw new Fault(`'${spec}' is not a format`);
  const [, fill, align, sign = '-', alternate, zero, width = '0', comma, precision, type] = parts;
  const wide = Number(width);
  checkText(Math.max(wide, Number(precision ?? 0)));
  const number = numberOf(value);
  if (isList(value) || isMapping(value)) throw new Fault(`a ${typeName(value)} has no format '${spec}'`);
  if (number === undefined) {
    const text = str(value);
    if (type !== undefined && type !== 's')
      throw new Fault(`the format '${type}' needs a number, not ${typeName(value)}`);
    return aligned(precision === undefined ? text : text.slice(0, Number(precision)), fill ?? ' ', align ?? '<', wide);
  }
  const integer = integerOf(value) ?? 0;
  const whole = isInteger(value) || typeof value === 'boolean';
  let kind = type ?? (whole ? 'd' : 'r');
  if (kind === 'n') kind = whole ? 'd' : 'g';
  if (!whole && 'dxXob'.includes(kind))
    throw new Fault(`the format '${kind}' needs a whole number, not ${typeName(value)}`);
  if (!'dfFeEgGxXobr%'.includes(kind)) throw new Fault(`the format '${kind}' does not suit a number`);
  const scaled = kind === '%' ? number * 100 : number;
  const percent = kind === '%' ? '%' : '';
  if (kind === '%') kind = 'f';
  const layout = {
    sign,
    zero: zero !== undefined && fill === undefined && (align ?? '=') === '=',
    alternate: alternate !== undefined,
    width: wide - percent.length,
    precision: precision === undefined ? undefined : Number(precision),
    comma,
  };
  const text = formatNumber(whole && kind !== 'f' ? integer : scaled, kind, layout);
  return aligned(text + percent, fill ?? (zero === undefined ? ' ' : '0'), align ?? '>', wide);
}

function aligned(text: string, fill: string, align: string, width: number): string {
  if (align === '<') return text.padEnd(width, fill);
  if (align === '^')
    return text.padStart(text.length + Math.floor((width - text.length) / 2), fill).padEnd(width, fill);
  if (align === '=' && /^[-+ ]/.test(text)) return text.charAt(0) + text.slice(1).padStart(width - 1, fill);
  return text.padStart(width, fill);
}
