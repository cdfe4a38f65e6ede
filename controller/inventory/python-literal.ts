import { Float } from '../../proto/float.ts';
import { type Integer, normal } from '../template/python/integer.ts';

/** No literal of Python. */
class NoLiteral extends Error {}

const words: ReadonlyMap<string, boolean | null> = new Map([
  ['True', true],
  ['False', false],
  ['None', null],
]);

const number =
  /^(?:0[xX](?:_?[\da-fA-F])+|0[oO](?:_?[0-7])+|0[bB](?:_?[01])+|(?:0(?:_?0)*|[1-9](?:_?\d)*)(?![\d_.eE]))/;
const float =
  /^(?:(?:\d(?:_?\d)*)?\.\d(?:_?\d)*(?:[eE][-+]?\d+)?|\d(?:_?\d)*\.(?:[eE][-+]?\d+)?|\d(?:_?\d)*[eE][-+]?\d+)(?![\w.])/;
const string =
  /^[bBuU]?(?:'''(?:[^\\]|\\[\s\S])*?'''|"""(?:[^\\]|\\[\s\S])*?"""|'(?:[^'\\\n]|\\[\s\S])*'|"(?:[^"\\\n]|\\[\s\S])*")/;

/** What is no data of YAML, and so stays text. */
const odd = /^(?:\.\.\.|\d[\d_]*(?:\.\d*)?(?:[eE][-+]?\d+)?[jJ](?!\w))/;

const escapes: Readonly<Record<string, string>> = {
  ...{ n: '\n', t: '\t', r: '\r', a: '\x07', b: '\b', f: '\f', v: '\v', '\n': '' },
  ...{ '\\': '\\', "'": "'", '"': '"' },
};

/** What a text between quotes stands for; an escape that Python does not know is itself. */
function unescaped(inner: string): string {
  return inner.replace(
    /\\(?:x([\da-fA-F]{2})|u([\da-fA-F]{4})|U([\da-fA-F]{8})|([0-7]{1,3})|([\s\S]))/g,
    (whole, two?: string, four?: string, eight?: string, octal?: string, other?: string) => {
      const hex = two ?? four ?? eight;
      if (hex !== undefined) return String.fromCodePoint(Math.min(Number.parseInt(hex, 16), 0x10ffff));
      if (octal !== undefined) return String.fromCodePoint(Number.parseInt(octal, 8));
      return escapes[other ?? ''] ?? whole;
    },
  );
}

/** Deeper ones are somebody's mistake. */
const deepest = 100;

class Reader {
  #rest: string;

  constructor(text: string) {
    this.#rest = text;
  }

  /** The whole text, which may end with a comment; values between commas are a tuple. */
  read(): unknown {
    const first = this.#value(0);
    if (!this.#mark(',')) return this.#end(first);
    const others: unknown[] = [];
    while (!this.#isOver()) {
      others.push(this.#value(0));
      if (!this.#mark(',')) break;
    }
    return this.#end([first, ...others]);
  }

  #isOver(): boolean {
    return /^\s*(?:#.*)?$/.test(this.#rest);
  }

  #end(value: unknown): unknown {
    if (!this.#isOver()) throw new NoLiteral();
    return value;
  }

  #take(pattern: RegExp): string | undefined {
    const found = pattern.exec(this.#rest)?.[0];
    if (found !== undefined) this.#rest = this.#rest.slice(found.length);
    return found;
  }

  #mark(mark: string): boolean {
    this.#rest = this.#rest.trimStart();
    if (!this.#rest.startsWith(mark)) return false;
    this.#rest = this.#rest.slice(mark.length);
    return true;
  }

  #value(depth: number): unknown {
    if (depth > deepest) throw new NoLiteral();
    this.#rest = this.#rest.trimStart();
    const text = this.#take(odd);
    if (text !== undefined) return text;
    const sign = this.#take(/^[-+]\s*/)?.[0];
    const digits = this.#number(sign === '-');
    if (digits !== undefined) return digits;
    if (sign !== undefined) throw new NoLiteral();
    const word = this.#take(/^(?:True|False|None)\b/);
    if (word !== undefined) return words.get(word);
    if (this.#take(/^set\(\s*\)/) !== undefined) return [];
    if (this.#mark('[')) return this.#items(']', depth).items;
    if (this.#mark('(')) {
      const { items, commas } = this.#items(')', depth);
      return items.length === 1 && commas === 0 ? items[0] : items;
    }
    if (this.#mark('{')) return this.#braces(depth);
    return this.#strings();
  }

  #number(negative: boolean): Integer | Float | undefined {
    const decimal = this.#take(float);
    if (decimal !== undefined) {
      const value = Number(decimal.replaceAll('_', ''));
      return Float.of(negative ? -value : value);
    }
    const whole = this.#take(number);
    if (whole === undefined) return undefined;
    const value = BigInt(whole.replaceAll('_', ''));
    return normal(negative ? -value : value);
  }

  /** Texts behind each other are one. */
  #strings(): string {
    let text: string | undefined;
    for (let next = this.#take(string); next !== undefined; next = this.#take(string)) {
      const quoted = next.replace(/^[bBuU]/, '');
      const quotes = /^(?:'''|""")/.test(quoted) ? 3 : 1;
      text = (text ?? '') + unescaped(quoted.slice(quotes, -quotes));
      this.#rest = this.#rest.trimStart();
    }
    if (text === undefined) throw new NoLiteral();
    return text;
  }

  #items(close: string, depth: number): { readonly items: unknown[]; readonly commas: number } {
    const items: unknown[] = [];
    let commas = 0;
    while (!this.#mark(close)) {
      if (items.length > commas) throw new NoLiteral();
      items.push(this.#value(depth + 1));
      if (this.#mark(',')) commas++;
    }
    return { items, commas };
  }

  /** A dict, or a set, which is a list here. */
  #braces(depth: number): unknown {
    const before = this.#rest;
    if (!this.#mark('}')) {
      this.#value(depth + 1);
      const isDict = this.#mark(':');
      this.#rest = before;
      if (!isDict) return [...new Set(this.#items('}', depth).items)];
    }
    this.#rest = before;
    return this.#dict(depth);
  }

  #dict(depth: number): Readonly<Record<string, unknown>> {
    const entries: [string, unknown][] = [];
    let commas = 0;
    while (!this.#mark('}')) {
      if (entries.length > commas) throw new NoLiteral();
      const key = this.#value(depth + 1);
      if (typeof key === 'object' && key !== null && !(key instanceof Float)) throw new NoLiteral();
      if (!this.#mark(':')) throw new NoLiteral();
      entries.push([String(key), this.#value(depth + 1)]);
      if (this.#mark(',')) commas++;
    }
    return Object.fromEntries(entries);
  }
}

/**
 * A value of an INI inventory, which Ansible reads as a literal of Python (so `True` is a boolean and `yes` a text); what is
 * none is text.
 */
export function pythonLiteral(text: string): unknown {
  if (!/^(?:[-+.\d'"[({TFN]|[bBuU]['"]|set\()/.test(text)) return text;
  try {
    return new Reader(text).read();
  } catch (error) {
    if (error instanceof NoLiteral) return text;
    throw error;
  }
}
