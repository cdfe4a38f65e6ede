import { stripVTControlCharacters } from 'node:util';
import { exactJson, exactNumbers } from '../../proto/exact-json.ts';

// C0 but tab and newline, DEL, C1, and the marks and overrides of direction that make a line read as another.
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not reach a terminal.
const unsafe = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;
const anyUnsafe = new RegExp(unsafe.source);

/** Text from a host made safe for a terminal: escape sequences dropped, other control characters shown as U+FFFD. */
export function clean(text: string): string {
  // Nearly all is, and escape sequences begin with ESC or a C1.
  if (!anyUnsafe.test(text)) return text;
  return stripVTControlCharacters(text).replace(/\r\n/g, '\n').replace(unsafe, '\ufffd');
}

/** What may be the begin of an escape sequence, or of a line break, that ends in the next piece of a text. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: as above.
const brokenOff = /(?:\r|\u001b(?:\[[0-?]{0,64}[ -/]{0,8}|\][^\u0007\u001b\n]{0,256}\u001b?|[ -/]{1,2})?)$/;

/** The same for a text that comes in pieces of any size. */
export class CleanPieces {
  private readonly decoder = new TextDecoder();
  private kept = '';

  add(bytes: Uint8Array): string {
    const text = this.kept + this.decoder.decode(bytes, { stream: true });
    [this.kept] = brokenOff.exec(text) ?? [''];
    return clean(text.slice(0, text.length - this.kept.length));
  }

  /** What was kept, once there are no more. */
  end(): string {
    return clean(this.kept + this.decoder.decode());
  }
}

/** The same for what stands behind other words: lines after the first are indented, so that none of them reads as another message. */
export function cleanHanging(text: string, indent: string): string {
  return clean(text).trim().replace(/\n/g, `\n${indent}`);
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
export function safeJson(value: unknown, indent?: number, exact = exactNumbers): string {
  const json = exactJson(value, indent, exact);
  return json.replace(unsafe, (char) =>
    char === '\r' ? char : `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

const pythonDigits = (value: unknown) => {
  if (Number.isNaN(value)) return 'NaN';
  return value === Infinity || value === -Infinity ? String(value) : exactNumbers(value);
};

/** The same for people: what is no number of JSON stands as Python's json has it. */
export function toldJson(value: unknown, indent?: number): string {
  return safeJson(value, indent, pythonDigits);
}

/** On one line, with blanks where Python's json has them. */
export function safeJsonLine(value: unknown): string {
  return toldJson(value, 1).replace(/,\n */g, ', ').replace(/\n */g, '');
}
