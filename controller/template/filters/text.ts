import { Fault } from '../fault.ts';
import { commented } from '../formats/comment.ts';
import { checkText } from '../limits.ts';
import { plugin } from '../plugin.ts';
import { pathOf, sliceOf } from '../python/access.ts';
import { asInteger, asList, asText, printed } from '../python/coerce.ts';
import { truth } from '../python/compare.ts';
import { formatPercent } from '../python/percent-format.ts';
import { capitalize, pad, replace, split, splitLines, strip } from '../python/strings.ts';
import { characters, repr } from '../python/text.ts';
import { isMapping, Tuple } from '../python/values.ts';
import { wrapLine } from '../python/word-wrap.ts';

function join(value: unknown, separator: string, attribute: unknown): string {
  const parts = asList(value).map((item) =>
    printed(attribute === undefined || attribute === null ? item : pathOf(item, attribute)),
  );
  checkText(parts.reduce((sum, part) => sum + part.length + separator.length, 0));
  return parts.join(separator);
}

/** Capitals after blanks, hyphens and opening brackets, as Jinja2's filter (not Python's method) does. */
const title = (text: string): string =>
  text
    .split(/([-\s({[<]+)/)
    .map(capitalize)
    .join('');

function indent(text: string, width: unknown, first: boolean, blank: boolean): string {
  const prefix = typeof width === 'string' ? width : ' '.repeat(bounded(asInteger(width, 'width', 4)));
  const lines = `${text}\n`.split(/\r\n|\r|\n/).slice(0, -1);
  checkText(text.length + lines.length * prefix.length);
  return lines.map((line, index) => ((index === 0 ? first : blank || line !== '') ? prefix + line : line)).join('\n');
}

function bounded(width: number): number {
  checkText(width);
  return Math.max(0, width);
}

function truncate(value: unknown, length: number, killWords: boolean, end: string, leeway: number): unknown {
  if (length < end.length) throw new Fault(`'length' must be at least ${end.length}`);
  if (typeof value !== 'string' && asList(value).length <= length + leeway) return value;
  const text = asText(value, 'value');
  const size = characters(text).length;
  if (size <= length + leeway) return text;
  const head = String(sliceOf(text, 0, length - end.length, undefined));
  if (killWords) return head + end;
  const lastBlank = head.lastIndexOf(' ');
  return (lastBlank < 0 ? head : head.slice(0, lastBlank)) + end;
}

/** shlex.quote(): safe as one word of a POSIX shell. */
function quote(value: unknown): string {
  const text = value === null ? '' : printed(value);
  if (text !== '' && !/[^\w@%+=:,./-]/.test(text)) return text;
  return `'${text.replaceAll("'", `'"'"'`)}'`;
}

export const textFilters = {
  upper: plugin('', (value) => printed(value).toUpperCase()),
  lower: plugin('', (value) => printed(value).toLowerCase()),
  capitalize: plugin('', (value) => capitalize(printed(value))),
  title: plugin('', (value) => title(printed(value))),
  trim: plugin('chars?', (value, [set]) => strip(printed(value), set, true, true)),
  string: plugin('', printed),
  replace: plugin('old, new, count?', (value, [old, fresh, count]) =>
    replace(printed(value), printed(old), printed(fresh), asInteger(count ?? undefined, 'count', -1)),
  ),
  join: plugin('d?, attribute?', (value, [separator, attribute]) => join(value, printed(separator ?? ''), attribute)),
  split: plugin('sep?, maxsplit?', (value, [separator, limit]) =>
    split(asText(value, 'value'), separator, asInteger(limit, 'maxsplit', -1), false),
  ),
  indent: plugin('width?, first?, blank?', (value, [width, first, blank]) =>
    indent(asText(value, 'value'), width, truth(first ?? false), truth(blank ?? false)),
  ),
  center: plugin('width?', (value, [width]) => pad(printed(value), asInteger(width, 'width', 80), undefined, 'center')),
  wordcount: plugin('', (value) => printed(value).match(/[\p{L}\p{N}_]+/gu)?.length ?? 0),
  wordwrap: plugin(
    'width?, break_long_words?, wrapstring?, break_on_hyphens?',
    (value, [width, breakLong, newline, hyphens]) => {
      const layout = {
        width: asInteger(width, 'width', 79),
        breakLong: truth(breakLong ?? true),
        atHyphens: truth(hyphens ?? true),
      };
      const between = printed(newline ?? '\n');
      return splitLines(asText(value, 'value'), false)
        .map((line) => wrapLine(line, layout).join(between))
        .join(between);
    },
  ),
  truncate: plugin('length?, killwords?, end?, leeway?', (value, [length, kill, end, leeway]) =>
    truncate(
      value,
      asInteger(length, 'length', 255),
      truth(kill ?? false),
      asText(end ?? '...', 'end'),
      asInteger(leeway, 'leeway', 5),
    ),
  ),
  format: plugin('*values, **options', (value, [values, options]) =>
    formatPercent(
      printed(value),
      isMapping(options) && options instanceof Map && options.size > 0 ? options : Tuple.from(values as unknown[]),
    ),
  ),
  quote: plugin('', quote),
  pprint: plugin('verbose?', repr),
  comment: plugin('style?, **options', (value, [style, options]) =>
    commented(asText(value, 'value'), asText(style ?? 'plain', 'style'), options as ReadonlyMap<string, unknown>),
  ),
};
