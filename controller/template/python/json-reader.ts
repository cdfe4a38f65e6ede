import { Float } from '../../../proto/float.ts';
import { Fault } from '../fault.ts';
import { isDeeper, mostLevels } from './deeper.ts';
import { normal } from './integer.ts';

/** What JavaScript's own reader gives another meaning: floats that are whole, long integers, keys that are numbers, Python's own words. */
const special = /\d[.eE]|\d{16}|"-?\d+"\s*:|NaN|Infinity/;

const token =
  /[ \t\r\n]*(?:([[\]{},:])|("(?:[^"\\]|\\.)*")|(-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)|(true|false|null|NaN|-?Infinity))/y;

const words: Readonly<Record<string, unknown>> = {
  ...{ true: true, false: false, null: null },
  ...{ NaN: Number.NaN, Infinity: Number.POSITIVE_INFINITY, '-Infinity': Number.NEGATIVE_INFINITY },
};

const tooDeep = 'the text is nested too deeply for JSON';

/** Reads JSON as Python does: 1.0 is a float, integers have any length, keys keep their order. Throws a Fault. */
export function readJson(text: string): unknown {
  if (special.test(text)) return new Reader(text).read();
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new Fault(`the text is not JSON: ${error instanceof Error ? error.message : ''}`);
  }
  if (isDeeper(value)) throw new Fault(tooDeep);
  return value;
}

class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  read(): unknown {
    const value = this.#value(this.#next(), 0);
    if (this.#text.slice(this.#at).trim() !== '') this.#fail();
    return value;
  }

  #next(): RegExpExecArray {
    token.lastIndex = this.#at;
    const found = token.exec(this.#text);
    if (found === null) return this.#fail();
    this.#at = token.lastIndex;
    return found;
  }

  #fail(): never {
    throw new Fault(`the text is not JSON: unexpected text at character ${this.#at + 1}`);
  }

  #value([, mark, string, number, word]: RegExpExecArray, depth: number): unknown {
    if (depth > mostLevels) throw new Fault(tooDeep);
    if (string !== undefined) return this.#string(string);
    if (number !== undefined) return numberOf(number);
    if (word !== undefined) return words[word];
    if (mark === '[') return this.#list(depth + 1);
    if (mark === '{') return this.#dict(depth + 1);
    return this.#fail();
  }

  /** What of a text is no JSON (a wrong escape, a newline), JavaScript's own reader refuses. */
  #string(quoted: string): string {
    try {
      return JSON.parse(quoted) as string;
    } catch {
      return this.#fail();
    }
  }

  #list(depth: number): unknown[] {
    const list: unknown[] = [];
    let next = this.#next();
    if (next[1] === ']') return list;
    for (;;) {
      list.push(this.#value(next, depth));
      const end = this.#next()[1];
      if (end === ']') return list;
      if (end !== ',') this.#fail();
      next = this.#next();
    }
  }

  #dict(depth: number): ReadonlyMap<string, unknown> {
    const dict = new Map<string, unknown>();
    let next = this.#next();
    if (next[1] === '}') return dict;
    for (;;) {
      if (next[2] === undefined || this.#next()[1] !== ':') this.#fail();
      dict.set(this.#string(next[2] ?? '""'), this.#value(this.#next(), depth));
      const end = this.#next()[1];
      if (end === '}') return dict;
      if (end !== ',') this.#fail();
      next = this.#next();
    }
  }
}

function numberOf(text: string): unknown {
  if (/[.eE]/.test(text)) return Float.of(Number(text));
  return normal(BigInt(text));
}
