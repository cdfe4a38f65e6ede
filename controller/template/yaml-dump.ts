import { compare } from './compare.ts';
import { Fault } from './fault.ts';
import { Tally } from './limits.ts';
import { mapEntries } from './mapping.ts';
import { Moment } from './moment.ts';
import { floatText, str } from './text.ts';
import { defined, isFloat, isList, isMapping, type Mapping, MemberHolder, numberOf, typeName } from './values.ts';
import { analyzeScalar, escapeOne } from './yaml-scalar.ts';

export type QuoteStyle = "'" | '"';

export interface YamlLayout {
  /** Blanks of a level, 2 to 9; another number counts as 2. */
  readonly indent: number;
  /** true: all in one line; false: nothing; undefined: what holds no list or dict itself. */
  readonly flow: boolean | undefined;
  readonly sortKeys: boolean;
  /** Column from which on a line is broken. */
  readonly width: number;
  readonly explicitStart: boolean;
  readonly explicitEnd: boolean;
  /** Around all scalars; what is no text then has the tag `!`. */
  readonly quotes?: QuoteStyle | undefined;
  /** Of the document, told at its start: "1.1". */
  readonly version?: string | undefined;
  /** A list or dict that stands in several places is written once and named there (&id001, *id001). */
  readonly anchors?: boolean;
  /** Characters that it may have; absent: as many as a template may make. */
  readonly most?: number;
}

/** What YAML 1.1 would read as something else than text. */
const notText =
  /^(?:yes|no|on|off|true|false|null|~|=|<<|[-+]?(?:0b[01_]+|0x[\da-f_]+|[\d_]*\.?[\d_]+(?:e[-+]?\d+)?|[\d_]*\.|\.inf|[\d_]+(?::[0-5]?\d)+(?:\.[\d_]*)?)|\.nan|\d{4}-\d\d?-\d\d?(?:[t ].*)?)$/i;

const isCollection = (value: unknown): boolean => isList(value) || isMapping(value);

/** Text of what is no text; undefined for text. */
function plainForm(value: unknown): string | undefined {
  if (value === null || value === undefined) return 'null';
  if (typeof value === 'boolean') return String(value);
  if (value instanceof Moment) return value.text;
  const number = numberOf(value);
  if (number === undefined) return undefined;
  if (!isFloat(value)) return str(value);
  // A float of YAML 1.1 has a dot.
  if (Number.isFinite(number)) return floatText(number).replace(/^(-?\d+)e/, '$1.0e');
  return Number.isNaN(number) ? '.nan' : number > 0 ? '.inf' : '-.inf';
}

/** Writes YAML as PyYAML's emitter does, line by line. */
class Emitter {
  readonly #layout: YamlLayout;
  readonly #tally: Tally;
  #out = '';
  #column = 0;

  constructor(layout: YamlLayout) {
    this.#layout = layout;
    this.#tally = new Tally(layout.most);
  }

  get text(): string {
    return this.#out;
  }

  #write(text: string): void {
    this.#tally.spend(text.length);
    this.#out += text;
    this.#column += text.length;
  }

  #newline(indent: number): void {
    this.#out += `\n${' '.repeat(indent)}`;
    this.#column = indent;
  }

  get #isFull(): boolean {
    return this.#column > this.#layout.width;
  }

  #entries(map: Mapping): [unknown, unknown][] {
    const entries = mapEntries(map);
    // Python gives up sorting where texts and numbers meet.
    const kinds = new Set(entries.map(([key]) => typeof key === 'string'));
    return this.#layout.sortKeys && kinds.size < 2 ? entries.sort(([a], [b]) => compare(a, b)) : entries;
  }

  #isFlow(value: unknown): boolean {
    const members = isList(value) ? value : isMapping(value) ? mapEntries(value).map(([, member]) => member) : [];
    const { flow, quotes } = this.#layout;
    return members.length === 0 || (flow ?? (quotes === undefined && !members.some(isCollection)));
  }

  /** Names of lists and dicts that occur again; undefined: it occurred once. */
  readonly #anchors = new Map<unknown, string | undefined>();
  readonly #written = new Set<unknown>();
  #named = 0;

  #nameRepeated(value: unknown): void {
    if (!isCollection(value)) return;
    if (this.#anchors.has(value)) {
      if (this.#anchors.get(value) !== undefined) return;
      this.#anchors.set(value, `id${String(++this.#named).padStart(3, '0')}`);
      return;
    }
    this.#anchors.set(value, undefined);
    if (isList(value)) for (const item of value) this.#nameRepeated(item);
    else for (const [, item] of this.#entries(value as Mapping)) this.#nameRepeated(item);
  }

  /** Writes the name of what is repeated, in front of it or in its place; true: it is in its place. */
  #isAlias(value: unknown): boolean {
    const name = this.#anchors.get(value);
    if (name === undefined) return false;
    const known = this.#written.has(value);
    this.#written.add(value);
    this.#write(`${known ? '*' : '&'}${name}`);
    return known;
  }

  document(value: unknown): void {
    if (this.#layout.anchors === true) this.#nameRepeated(value);
    const { version } = this.#layout;
    if (version !== undefined) this.#write(`%YAML ${version}\n`);
    if (this.#layout.explicitStart || version !== undefined)
      this.#write(isCollection(value) && !this.#isFlow(value) ? '---\n' : '--- ');
    this.#column = 0;
    if (isCollection(value) && !this.#isFlow(value)) this.#block(value, 0, 0);
    else this.#inline(value, this.#layout.indent, 0);
    this.#write(this.#layout.explicitEnd ? '\n...\n' : '\n');
  }

  /** A list or dict as a block whose first line begins here, `column` deep. */
  #block(value: unknown, column: number, depth: number): void {
    if (depth > 100) throw new Fault('the value is nested too deeply for YAML');
    const { indent } = this.#layout;
    if (isList(value)) {
      value.forEach((item, index) => {
        if (index > 0) this.#newline(column);
        const nested = isCollection(item) && !this.#isFlow(item);
        this.#write(nested ? `-${' '.repeat(indent - 1)}` : '- ');
        if (nested) this.#block(item, column + indent, depth + 1);
        else this.#inline(item, column + indent, depth + 1);
      });
      return;
    }
    this.#entries(value as Mapping).forEach(([key, item], index) => {
      if (index > 0) this.#newline(column);
      this.#key(key, false);
      if (this.#anchors.get(item) !== undefined) {
        this.#write(' ');
        if (this.#isAlias(item)) return;
      }
      if (isCollection(item) && !this.#isFlow(item)) {
        const inner = isList(item) ? column : column + indent;
        this.#newline(inner);
        this.#block(item, inner, depth + 1);
      } else {
        this.#write(' ');
        this.#inline(item, column + indent, depth + 1);
      }
    });
  }

  #key(key: unknown, inFlow: boolean): void {
    this.#scalar(key, 0, inFlow, true);
    this.#write(':');
  }

  /** A scalar, or a list or dict in brackets; what does not fit goes on at column `indent`. */
  #inline(value: unknown, indent: number, depth: number): void {
    if (depth > 100) throw new Fault('the value is nested too deeply for YAML');
    if (isList(value)) {
      this.#bracketed('[', ']', value, indent, (item, inner) => this.#inline(item, inner, depth + 1));
    } else if (isMapping(value)) {
      this.#bracketed('{', '}', this.#entries(value), indent, ([key, item], inner) => {
        this.#key(key, true);
        this.#write(' ');
        this.#inline(item, inner, depth + 1);
      });
    } else this.#scalar(value, indent, this.#inBrackets > 0, false);
  }

  #inBrackets = 0;

  #bracketed<T>(
    open: string,
    close: string,
    items: readonly T[],
    indent: number,
    one: (item: T, indent: number) => void,
  ): void {
    this.#write(open);
    this.#inBrackets++;
    items.forEach((item, index) => {
      if (index > 0) this.#write(',');
      if (this.#isFull) this.#newline(indent);
      else if (index > 0) this.#write(' ');
      one(item, indent + this.#layout.indent);
    });
    this.#inBrackets--;
    this.#write(close);
  }

  #scalar(given: unknown, indent: number, inFlow: boolean, isKey: boolean): void {
    const { quotes } = this.#layout;
    const plain = plainForm(given);
    if (plain !== undefined && quotes === undefined) {
      this.#write(plain);
      return;
    }
    if (plain !== undefined) this.#write('! ');
    const value = plain ?? (given instanceof MemberHolder ? given.text : defined(given));
    if (typeof value !== 'string') throw new Fault(`a value of type ${typeName(given)} has no YAML form`);
    const analysis = analyzeScalar(value);
    const simple = !(isKey && (value === '' || analysis.multiline));
    if (quotes === '"') this.#doubleQuoted(value, indent, !isKey);
    else if (
      quotes === undefined &&
      simple &&
      !notText.test(value) &&
      value !== '' &&
      (inFlow ? analysis.plainInFlow : analysis.plainInBlock)
    ) {
      this.#folded(value, indent, !isKey, false);
    } else if (analysis.single && !(isKey && analysis.multiline)) {
      this.#write("'");
      this.#folded(value, indent, !isKey, true);
      this.#write("'");
    } else this.#doubleQuoted(value, indent, !isKey);
  }

  /** Text that is broken at single blanks where a line is full; a newline in it is written twice. */
  #folded(text: string, indent: number, split: boolean, quoted: boolean): void {
    const tokens = text.match(/ +|[\n\x85\u2028\u2029]+|[^ \n\x85\u2028\u2029]+/g) ?? [];
    for (const [index, token] of tokens.entries()) {
      const inside = index > 0 && index < tokens.length - 1;
      if (token === ' ' && split && this.#isFull && (inside || !quoted)) this.#newline(indent);
      else if (/^[\n\x85\u2028\u2029]/.test(token)) {
        this.#out += token.startsWith('\n') ? `\n${token}` : token;
        this.#out += ' '.repeat(indent);
        this.#column = indent;
      } else this.#write(quoted ? token.replaceAll("'", "''") : token);
    }
  }

  #doubleQuoted(text: string, indent: number, split: boolean): void {
    const characters = Array.from(text);
    let pending = '';
    const flush = () => {
      this.#write(pending);
      pending = '';
    };
    this.#write('"');
    for (const [index, character] of characters.entries()) {
      const written = escapeOne(character);
      const escaped = written !== character;
      if (escaped) {
        flush();
        this.#write(written);
      }
      const mayBreak = split && index > 0 && index < characters.length - 1 && (character === ' ' || escaped);
      if (mayBreak && this.#column + pending.length > this.#layout.width) {
        flush();
        this.#write('\\');
        this.#newline(indent);
        if (character === ' ' || characters[index + 1] === ' ') this.#write('\\');
      }
      if (!escaped) pending += character;
    }
    flush();
    this.#write('"');
  }
}

/** YAML laid out as PyYAML does: the lists of a dict at the dict's own depth, quotes only where needed, lines broken. */
export function dumpYaml(value: unknown, layout: YamlLayout): string {
  // As PyYAML: a number that it has no use for counts as the usual one.
  const indent = layout.indent > 1 && layout.indent < 10 ? layout.indent : 2;
  const width = layout.width > indent * 2 ? layout.width : 80;
  const emitter = new Emitter({ ...layout, indent, width });
  emitter.document(value);
  return emitter.text;
}
