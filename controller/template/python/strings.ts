import { Fault } from '../fault.ts';
import { checkText } from '../limits.ts';
import { asText } from './coerce.ts';
import { characters } from './text.ts';

/** What Python's str methods and Jinja2's filters share. */

export const capitalize = (text: string): string => {
  const [first = '', ...rest] = text;
  return first.toUpperCase() + rest.join('').toLowerCase();
};

/** Python's title(): a capital after everything that is not a letter. */
export const titleCase = (text: string): string => text.replace(/\p{L}+/gu, (word) => capitalize(word));

export const swapCase = (text: string): string =>
  Array.from(text, (letter) => (letter === letter.toUpperCase() ? letter.toLowerCase() : letter.toUpperCase())).join(
    '',
  );

/** Removes blanks, or the characters of `set`, from the ends. */
export function strip(text: string, set: unknown, start: boolean, end: boolean): string {
  if (set === undefined || set === null) {
    const left = start ? text.trimStart() : text;
    return end ? left.trimEnd() : left;
  }
  const drop = new Set(asText(set, 'characters'));
  const letters = Array.from(text);
  let from = 0;
  let to = letters.length;
  while (start && from < to && drop.has(letters[from] ?? '')) from++;
  while (end && to > from && drop.has(letters[to - 1] ?? '')) to--;
  return letters.slice(from, to).join('');
}

export function pad(text: string, width: number, fill: unknown, where: 'left' | 'right' | 'center'): string {
  const filler = fill === undefined ? ' ' : asText(fill, 'fill');
  if (characters(filler).length !== 1) throw new Fault('the fill must be one character');
  checkText(width);
  const missing = Math.max(0, width - characters(text).length);
  if (where === 'left') return text + filler.repeat(missing);
  if (where === 'right') return filler.repeat(missing) + text;
  // Python puts the odd one left when the width is odd, else right.
  const left = Math.floor(missing / 2) + (missing % 2 === 1 && width % 2 === 1 ? 1 : 0);
  return filler.repeat(left) + text + filler.repeat(missing - left);
}

/** Replaces the first `times` of `old`, all when negative. */
export function replace(text: string, old: string, fresh: string, times: number): string {
  const parts = old === '' ? ['', ...text, ''] : text.split(old);
  const used = times < 0 ? parts.length - 1 : Math.min(times, parts.length - 1);
  checkText(text.length + used * fresh.length);
  const head = parts.slice(0, used + 1).join(fresh);
  return [head, ...parts.slice(used + 1)].join(old);
}

export function count(text: string, part: string): number {
  return part === '' ? characters(text).length + 1 : text.split(part).length - 1;
}

/** At blanks (runs count once) when there is no separator; at most `limit` times unless negative, from the right with `last`. */
export function split(text: string, separator: unknown, limit: number, last: boolean): string[] {
  if (separator === undefined || separator === null) return splitBlanks(text, limit, last);
  const by = asText(separator, 'separator');
  if (by === '') throw new Fault('the separator is empty');
  const parts = text.split(by);
  if (limit < 0 || parts.length <= limit + 1) return parts;
  return last
    ? [parts.slice(0, parts.length - limit).join(by), ...parts.slice(parts.length - limit)]
    : [...parts.slice(0, limit), parts.slice(limit).join(by)];
}

function splitBlanks(text: string, limit: number, last: boolean): string[] {
  const words = [...text.matchAll(/\S+/g)];
  if (limit < 0 || words.length <= limit) return words.map(([word]) => word);
  if (last) {
    const kept = words.slice(words.length - limit);
    const rest = text.slice(0, kept[0]?.index ?? text.length).trimEnd();
    return [...(rest === '' ? [] : [rest]), ...kept.map(([word]) => word)];
  }
  const rest = text.slice(words[limit]?.index ?? 0);
  return [...words.slice(0, limit).map(([word]) => word), rest];
}

export function splitLines(text: string, keepEnds: boolean): string[] {
  const lines = text.match(/[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+$/g) ?? [];
  return keepEnds ? [...lines] : lines.map((line) => line.replace(/[\r\n]+$/, ''));
}
