import { Tally } from '../limits.ts';
import { escapeOne } from './yaml-scalar.ts';

export interface LineLayout {
  /** Blanks of a level, 2 to 9; another number counts as 2. */
  readonly indent: number;
  /** Column from which on a line is broken. */
  readonly width: number;
  /** Characters that it may have; absent: as many as a template may make. */
  readonly most?: number;
}

/** Writes scalars of YAML line by line, as libyaml does, which PyYAML stands on. */
export class ScalarWriter {
  readonly #layout: LineLayout;
  readonly #tally: Tally;
  #out = '';
  protected column = 0;

  constructor(layout: LineLayout) {
    this.#layout = layout;
    this.#tally = new Tally(layout.most);
  }

  /** What was written. */
  get text(): string {
    return this.#out;
  }

  protected write(text: string): void {
    this.#tally.spend(text.length);
    this.#out += text;
    this.column += text.length;
  }

  protected newline(indent: number): void {
    this.#out += `\n${' '.repeat(indent)}`;
    this.column = indent;
  }

  protected get isFull(): boolean {
    return this.column > this.#layout.width;
  }

  /** Text that is broken at single blanks where a line is full; a newline in it is written twice. */
  protected folded(text: string, indent: number, split: boolean, quoted: boolean): void {
    const tokens = text.match(/ +|[\n\x85\u2028\u2029]+|[^ \n\x85\u2028\u2029]+/g) ?? [];
    for (const [index, token] of tokens.entries()) {
      const inside = index > 0 && index < tokens.length - 1;
      if (token === ' ' && split && this.isFull && (inside || !quoted)) this.newline(indent);
      else if (/^[\n\x85\u2028\u2029]/.test(token)) {
        this.#out += token.startsWith('\n') ? `\n${token}` : token;
        this.#out += ' '.repeat(indent);
        this.column = indent;
      } else this.write(quoted ? token.replaceAll("'", "''") : token);
    }
  }

  /** Text that is broken at the first of some blanks where a line is full; the next of them then has a backslash. */
  protected doubleQuoted(text: string, indent: number, split: boolean): void {
    const tokens = text.match(/ |[^ ]+/g) ?? [];
    this.write('"');
    for (const [index, token] of tokens.entries()) {
      const inside = index > 0 && index < tokens.length - 1 && tokens[index - 1] !== ' ';
      if (token === ' ' && split && this.isFull && inside) {
        this.newline(indent);
        if (tokens[index + 1] === ' ') this.write('\\');
      } else this.write(Array.from(token, escapeOne).join(''));
    }
    this.write('"');
  }

  /** Text as a block of lines, which are broken at single blanks where they are folded. */
  protected block(text: string, indent: number, isFolded: boolean): void {
    const deeper = /^[ \n]/.test(text) ? String(this.#layout.indent) : '';
    const ending = text.endsWith('\n') ? (/^\n$|\n\n$/.test(text) ? '+' : '') : '-';
    this.write(`${isFolded ? '>' : '|'}${deeper}${ending}`);
    const lines = text.replace(/\n$/, '').split('\n');
    for (const [index, line] of lines.entries()) {
      // Between two lines that may be folded a single newline would be a blank.
      const joins = isFolded && /^[^ ]/.test(line) && /^[^ ]/.test(lines.slice(0, index).findLast(Boolean) ?? '');
      if (joins) this.newline(0);
      this.newline(line === '' ? 0 : indent);
      this.#blockLine(line, indent, isFolded);
    }
  }

  #blockLine(line: string, indent: number, isFolded: boolean): void {
    for (const [index, token] of (isFolded ? (line.match(/ +|[^ ]+/g) ?? []) : [line]).entries()) {
      if (isFolded && index > 0 && token === ' ' && this.isFull) this.newline(indent);
      else this.write(token);
    }
  }
}
