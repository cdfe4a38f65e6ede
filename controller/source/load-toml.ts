import { parse, TomlDate, TomlError } from 'smol-toml';
import { OrchError } from '../../proto/errors.ts';
import { Float } from '../../proto/float.ts';
import { normal } from '../template/python/integer.ts';
import { readStamp } from '../template/python/read-time.ts';
import { rememberOf } from '../vault/vault.ts';
import type { Located, Origin, Path } from './located.ts';
import { SourceText } from './place.ts';

/** Deeper than any inventory. */
const maxDepth = 100;

/** Reads TOML 1.0; times without a date are their texts. Throws OrchError 'inventory-syntax' with the place. */
export function loadToml(text: string, file: string): Located<Readonly<Record<string, unknown>>> {
  const source = new SourceText(file, text);
  try {
    const data = plain(parse(text, { integersAsBigInt: true, maxDepth })) as Record<string, unknown>;
    const value = rememberOf(file, data);
    return { value, origin: new TomlOrigin(source), path: [] };
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const [summary = ''] = error.message.replace(/^Invalid TOML document: /, '').split('\n');
    const where = source.place(offsetOf(text, error.line, error.column));
    throw new OrchError({ code: 'inventory-syntax', summary: `no TOML: ${summary}`, where });
  }
}

function plain(value: unknown): unknown {
  // Whole numbers come as bigint, so that what is a number is a float.
  if (typeof value === 'bigint') return normal(value);
  if (typeof value === 'number') return Float.of(value);
  if (value instanceof TomlDate) return readStamp(value.toISOString()) ?? timeText(value.toISOString());
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)]));
}

/** As Python's isoformat() writes it: no fraction that is zero. */
function timeText(text: string): string {
  return text.replace(/\.0+$/, '').replace(/(\.\d{3})$/, '$1000');
}

function offsetOf(text: string, line: number, column: number): number {
  const before = text.split('\n').slice(0, line - 1);
  return before.reduce((offset, { length }) => offset + length + 1, 0) + column - 1;
}

const word = /"(?:[^"\\]|\\.)*"|'[^']*'|[\w-]+/g;

/** Keys of a header or of what stands before "=": `a."b.c"`. */
function keysOf(text: string): readonly string[] {
  return (text.match(word) ?? []).map((key) => (/^["']/.test(key) ? key.slice(1, -1) : key));
}

/** Places by lines: of a value the line whose header and key say most of its path. */
class TomlOrigin implements Origin {
  readonly file: string;
  readonly #source: SourceText;
  #lines: { readonly keys: readonly string[]; readonly offset: number }[] | undefined;

  constructor(source: SourceText) {
    this.file = source.file;
    this.#source = source;
  }

  place(path: Path) {
    let found = { length: 0, offset: 0 };
    for (const { keys, offset } of this.#keyLines()) {
      if (keys.length > found.length && keys.every((key, at) => key === path[at])) {
        found = { length: keys.length, offset };
      }
    }
    return this.#source.place(found.offset);
  }

  placeInText(path: Path) {
    return this.place(path);
  }

  #keyLines() {
    if (this.#lines) return this.#lines;
    this.#lines = [];
    let header: readonly string[] = [];
    let start = 0;
    for (const line of this.#source.text.split('\n')) {
      const [, table, key] = /^\s*(?:\[\[?([^\]]+)\]|([^=#[\]{}]+)=)/.exec(line) ?? [];
      if (table !== undefined) header = keysOf(table);
      const keys = table !== undefined ? header : key !== undefined ? [...header, ...keysOf(key)] : [];
      if (keys.length > 0) this.#lines.push({ keys, offset: start + line.search(/\S/) });
      start += line.length + 1;
    }
    return this.#lines;
  }
}
