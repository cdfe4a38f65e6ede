import { EncodingProblem, encode } from '../../../proto/encoding.ts';
import { Fault } from '../fault.ts';
import { checkText } from '../limits.ts';
import { sliceOf } from '../python/access.ts';
import { formatBraces } from '../python/brace-format.ts';
import { asInteger, asList, asText } from '../python/coerce.ts';
import { capitalize, count, pad, replace, split, splitLines, strip, swapCase, titleCase } from '../python/strings.ts';
import { characters } from '../python/text.ts';
import { isList, Tuple } from '../python/values.ts';
import { methodTable } from './method.ts';

/** Index of `part` in text[start:end], counted in the whole text; -1 when it is not there. */
function find(text: string, args: unknown[], last: boolean): number {
  const [part, start, end] = args;
  const from = asInteger(start ?? undefined, 'start', 0);
  const inside = String(sliceOf(text, from, end, undefined));
  const index = last ? inside.lastIndexOf(asText(part, 'text')) : inside.indexOf(asText(part, 'text'));
  if (index < 0) return -1;
  const skipped = characters(text).length - characters(String(sliceOf(text, from, undefined, undefined))).length;
  return skipped + characters(inside.slice(0, index)).length;
}

function index(text: string, args: unknown[], last: boolean): number {
  const found = find(text, args, last);
  if (found < 0) throw new Fault(`the text has no '${String(args[0])}'`);
  return found;
}

function partition(text: string, separator: string, last: boolean): Tuple {
  if (separator === '') throw new Fault('the separator is empty');
  const at = last ? text.lastIndexOf(separator) : text.indexOf(separator);
  if (at >= 0) return Tuple.from([text.slice(0, at), separator, text.slice(at + separator.length)]) as Tuple;
  return Tuple.from(last ? ['', '', text] : [text, '', '']) as Tuple;
}

function fixes(text: string, [part, start, end]: unknown[], test: (inside: string, fix: string) => boolean): boolean {
  const inside = String(sliceOf(text, start, end, undefined));
  return (isList(part) ? part : [part]).some((fix) => test(inside, asText(fix, 'text')));
}

const all = (pattern: RegExp) => (text: string) => pattern.test(text);

export const stringMethods = methodTable<string>([
  ['capitalize', '', capitalize],
  ['casefold', '', (text) => text.toLowerCase()],
  ['center', 'width, fill?', (text, [width, fill]) => pad(text, asInteger(width, 'width'), fill, 'center')],
  [
    'count',
    'part, start?, end?',
    (text, [part, start, end]) => count(String(sliceOf(text, start, end, undefined)), asText(part, 'part')),
  ],
  // What `encode` gave is a text.
  ['decode', 'encoding?, errors?', (text) => text],
  [
    'encode',
    'encoding?, errors?',
    (text, [encoding = 'utf-8', errors]) => encoded(text, asText(encoding, 'encoding'), errors),
  ],
  ['endswith', 'suffix, start?, end?', (text, args) => fixes(text, args, (inside, fix) => inside.endsWith(fix))],
  ['expandtabs', 'size?', (text, [size]) => expandTabs(text, asInteger(size, 'size', 8))],
  ['find', 'part, start?, end?', (text, args) => find(text, args, false)],
  [
    'format',
    '*values, **options',
    (text, [values, options]) =>
      formatBraces(text, { positional: values as unknown[], named: options as Map<string, unknown> }),
  ],
  ['index', 'part, start?, end?', (text, args) => index(text, args, false)],
  ['isalnum', '', all(/^[\p{L}\p{N}]+$/u)],
  ['isalpha', '', all(/^\p{L}+$/u)],
  ['isascii', '', all(/^\p{ASCII}*$/u)],
  ['isdecimal', '', all(/^\p{Nd}+$/u)],
  ['isdigit', '', all(/^\p{Nd}+$/u)],
  ['isidentifier', '', all(/^[\p{L}_][\p{L}\p{N}_]*$/u)],
  ['islower', '', (text) => text === text.toLowerCase() && text !== text.toUpperCase()],
  ['isnumeric', '', all(/^\p{N}+$/u)],
  ['isprintable', '', all(/^(?: |[^\p{C}\p{Z}])*$/u)],
  ['isspace', '', all(/^\s+$/)],
  ['istitle', '', (text) => text === titleCase(text) && text.toLowerCase() !== text.toUpperCase()],
  ['isupper', '', (text) => text === text.toUpperCase() && text !== text.toLowerCase()],
  [
    'join',
    'items',
    (text, [items]) => {
      const parts = asList(items).map((item) => asText(item, 'element'));
      checkText(parts.reduce((sum, part) => sum + part.length + text.length, 0));
      return parts.join(text);
    },
  ],
  ['ljust', 'width, fill?', (text, [width, fill]) => pad(text, asInteger(width, 'width'), fill, 'left')],
  ['lower', '', (text) => text.toLowerCase()],
  ['lstrip', 'characters?', (text, [set]) => strip(text, set, true, false)],
  ['partition', 'separator', (text, [separator]) => partition(text, asText(separator, 'separator'), false)],
  [
    'removeprefix',
    'prefix',
    (text, [prefix]) =>
      text.startsWith(asText(prefix, 'prefix')) ? text.slice(asText(prefix, 'prefix').length) : text,
  ],
  [
    'removesuffix',
    'suffix',
    (text, [suffix]) =>
      suffix !== '' && text.endsWith(asText(suffix, 'suffix')) ? text.slice(0, -asText(suffix, 'suffix').length) : text,
  ],
  [
    'replace',
    'old, new, count?',
    (text, [old, fresh, times]) =>
      replace(text, asText(old, 'old'), asText(fresh, 'new'), asInteger(times, 'count', -1)),
  ],
  ['rfind', 'part, start?, end?', (text, args) => find(text, args, true)],
  ['rindex', 'part, start?, end?', (text, args) => index(text, args, true)],
  ['rjust', 'width, fill?', (text, [width, fill]) => pad(text, asInteger(width, 'width'), fill, 'right')],
  ['rpartition', 'separator', (text, [separator]) => partition(text, asText(separator, 'separator'), true)],
  [
    'rsplit',
    'sep?, maxsplit?',
    (text, [separator, limit]) => split(text, separator, asInteger(limit, 'maxsplit', -1), true),
  ],
  ['rstrip', 'characters?', (text, [set]) => strip(text, set, false, true)],
  [
    'split',
    'sep?, maxsplit?',
    (text, [separator, limit]) => split(text, separator, asInteger(limit, 'maxsplit', -1), false),
  ],
  ['splitlines', 'keepends?', (text, [keep]) => splitLines(text, keep === true)],
  ['startswith', 'prefix, start?, end?', (text, args) => fixes(text, args, (inside, fix) => inside.startsWith(fix))],
  ['strip', 'characters?', (text, [set]) => strip(text, set, true, true)],
  ['swapcase', '', swapCase],
  ['title', '', titleCase],
  ['upper', '', (text) => text.toUpperCase()],
  ['zfill', 'width', (text, [width]) => zeroFill(text, asInteger(width, 'width'))],
]);

/** Bytes are the text that they print as; `errors` says what becomes of characters that the encoding lacks. */
function encoded(text: string, encoding: string, errors: unknown): string {
  const substitute = errors === 'ignore' ? '' : errors === 'replace' ? '?' : undefined;
  const known = (character: string): string => {
    try {
      encode(character, encoding);
      return character;
    } catch (error) {
      if (!(error instanceof EncodingProblem)) throw error;
      if (substitute === undefined) throw new Fault(error.message);
      return substitute;
    }
  };
  return Array.from(text, known).join('');
}

function expandTabs(text: string, size: number): string {
  let column = 0;
  const out = Array.from(text, (character) => {
    const piece = character === '\t' ? ' '.repeat(Math.min(size > 0 ? size - (column % size) : 0, 1000)) : character;
    column = character === '\n' || character === '\r' ? 0 : column + piece.length;
    return piece;
  });
  return out.join('');
}

function zeroFill(text: string, width: number): string {
  checkText(width);
  const sign = /^[-+]/.test(text) ? text.charAt(0) : '';
  return sign + text.slice(sign.length).padStart(width - sign.length, '0');
}
