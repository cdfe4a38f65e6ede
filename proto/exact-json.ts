import { randomUUID } from 'node:crypto';
import { Float } from './float.ts';

let drawn: string | undefined;

/**
 * Stands for digits while JavaScript's own reader and writer are at work; no value of a host can be that text. Most processes
 * need none, and the first random number takes 2 ms.
 */
function markText(): string {
  drawn ??= randomUUID();
  return drawn;
}

/** The JSON of a number or an object that JavaScript's own writer has no exact one for; undefined for all others. */
export type Exact = (value: unknown) => string | undefined;

/** Whole numbers of any length are their digits, and floats keep their ".0". */
export const exactNumbers: Exact = (value) =>
  typeof value === 'bigint' || value instanceof Float ? String(value) : undefined;

/** JSON.stringify, but with the text that `exact` gives for a value. */
export function exactJson(value: unknown, indent?: number, exact = exactNumbers): string {
  // Nearly all is; to have each value looked at while it is written takes several times as long.
  if (isPlain(value, exact)) return JSON.stringify(value, undefined, indent) ?? 'null';
  const mark = markText();
  const json = JSON.stringify(
    value,
    function (this: Readonly<Record<string, unknown>>, key, item: unknown) {
      const text = exact(this[key]);
      return text === undefined ? item : mark + text;
    },
    indent,
  );
  return json.replace(new RegExp(`"${mark}([^"]*)"`, 'g'), '$1');
}

function isPlain(value: unknown, exact: Exact): boolean {
  if (typeof value === 'string' || typeof value === 'boolean' || value === null || value === undefined) return true;
  if (exact(value) !== undefined) return false;
  if (typeof value !== 'object') return true;
  for (const item of Object.values(value)) if (!isPlain(item, exact)) return false;
  return true;
}

const number = /-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?/g;

/** Where a number begins, and is long, or has a point or an exponent. Texts may look so, too: then it only takes longer. */
const long = /(?:^|[[:,])\s*-?\d{16}/;
const longOrFloat = /(?:^|[[:,])\s*-?(?:\d{16}|\d+[.eE])/;

/** JSON.parse, but that whole numbers beyond 2^53 are bigints. */
export function readExactJson(text: string): unknown {
  return long.test(text) ? read(text, (part) => /^-?\d{16,}$/.test(part)) : JSON.parse(text);
}

/** The same for data that only passes by: whole floats are `Float`s. */
export function readDataJson(text: string): unknown {
  if (!longOrFloat.test(text)) return JSON.parse(text);
  return read(text, (part) => /^-?\d{16,}$/.test(part) || (/[.eE]/.test(part) && Number.isInteger(Number(part))));
}

function read(text: string, isSpecial: (part: string) => boolean): unknown {
  const mark = markText();
  const put = (part: string) => (isSpecial(part) ? `"${mark}${part}"` : part);
  return JSON.parse(withNumbers(text, put), (_, item: unknown) =>
    typeof item === 'string' && item.startsWith(mark) ? numberOf(item.slice(mark.length)) : item,
  );
}

/** The text with what `put` makes of each number outside of its strings; a pattern for those would have no end of escapes. */
function withNumbers(text: string, put: (number: string) => string): string {
  const parts: string[] = [];
  for (let at = 0; at < text.length; ) {
    const quote = text.indexOf('"', at);
    const begin = quote < 0 ? text.length : quote;
    parts.push(text.slice(at, begin).replace(number, put));
    at = behindString(text, begin);
    parts.push(text.slice(begin, at));
  }
  return parts.join('');
}

/** Where the string ends that begins there. */
function behindString(text: string, begin: number): number {
  for (let end = text.indexOf('"', begin + 1); end >= 0; end = text.indexOf('"', end + 1)) {
    let escapes = end;
    while (text[escapes - 1] === '\\') escapes--;
    if ((end - escapes) % 2 === 0) return end + 1;
  }
  return text.length;
}

function numberOf(text: string): number | bigint | Float {
  if (/[.eE]/.test(text)) return Float.of(Number(text));
  const value = BigInt(text);
  return Number.isSafeInteger(Number(value)) ? Number(value) : value;
}
