import { randomUUID } from 'node:crypto';
import { stripVTControlCharacters } from 'node:util';
import { Float } from '../template/float.ts';

/** What stands for a float until the JSON is written; no value of a host can be that text. */
const place = randomUUID();
const marks = new RegExp(`"${place}(\\d+)"`, 'g');

// C0 but tab and newline, DEL, C1, and the bidirectional overrides that make a line read as another.
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not reach a terminal.
const unsafe = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** Text from a host made safe for a terminal: escape sequences dropped, other control characters shown as U+FFFD. */
export function clean(text: string): string {
  return stripVTControlCharacters(text).replace(/\r\n/g, '\n').replace(unsafe, '\ufffd');
}

/** The same on one line: line breaks become `\n` as two characters. */
export function cleanLine(text: string): string {
  return clean(text).replace(/\n/g, '\\n').replace(/\t/g, ' ');
}

/** A source line made safe for a terminal, each character in its place, so that a caret stands under the right one. */
export function cleanExcerpt(line: string): string {
  return line.replace(unsafe, '\ufffd');
}

/** JSON whose text is safe for a terminal; it parses to the very same value. */
export function safeJson(value: unknown, indent?: number): string {
  const json = jsonText(value, indent);
  return json.replace(unsafe, (char) =>
    char === '\r' ? char : `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** JSON.stringify, but that floats keep their ".0". */
function jsonText(value: unknown, indent: number | undefined): string {
  const floats: Float[] = [];
  const mark = (float: Float) => `${place}${floats.push(float) - 1}`;
  const json = JSON.stringify(
    value,
    function (this: Readonly<Record<string, unknown>>, key, item: unknown) {
      const held = this[key];
      return held instanceof Float ? mark(held) : item;
    },
    indent,
  );
  if (json === undefined) return 'null';
  return floats.length === 0 ? json : json.replace(marks, (_, index: string) => String(floats[Number(index)]));
}

/** The same on one line, with blanks where Python's json has them. */
export function safeJsonLine(value: unknown): string {
  return safeJson(value, 1).replace(/,\n */g, ', ').replace(/\n */g, '');
}
