import { Fault } from '../fault.ts';
import { VaultText } from '../formats/vault-text.ts';
import { mapEntries } from '../python/mapping.ts';
import { defined, isList, isMapping, type Mapping, MemberHolder, typeName } from '../python/values.ts';
import { canonicalYaml } from './yaml-canonical.ts';
import { directivesOf, plainForm, sortedEntries, type YamlLayout } from './yaml-layout.ts';
import { analyzeScalar } from './yaml-scalar.ts';
import { ScalarWriter } from './yaml-scalar-writer.ts';

/** What PyYAML would read as something else than text. */
const notText = new RegExp(
  `^(?:${[
    '[Yy]es|YES|[Nn]o|NO|[Oo]n|ON|[Oo]ff|OFF|[Tt]rue|TRUE|[Ff]alse|FALSE|[Nn]ull|NULL|~|=|<<',
    '[-+]?(?:0b[01_]+|0[0-7_]+|0|[1-9][\\d_]*|0x[\\da-fA-F_]+|[1-9][\\d_]*(?::[0-5]?\\d)+)',
    '(?:[-+]?\\d[\\d_]*\\.[\\d_]*|\\.\\d[\\d_]*)(?:[eE][-+]\\d+)?',
    '[-+]?(?:\\d[\\d_]*(?::[0-5]?\\d)+\\.[\\d_]*|\\.(?:[Ii]nf|INF))|\\.(?:nan|NaN|NAN)',
    '\\d{4}-\\d\\d-\\d\\d',
    '\\d{4}-\\d\\d?-\\d\\d?(?:[Tt]|[ \\t]+)\\d\\d?:\\d\\d:\\d\\d(?:\\.\\d*)?(?:[ \\t]*(?:Z|[-+]\\d\\d?(?::\\d\\d)?))?',
  ].join('|')})$`,
);

const isCollection = (value: unknown): boolean => isList(value) || isMapping(value);

/** Writes YAML as PyYAML's emitter does, line by line. */
class Emitter extends ScalarWriter {
  readonly #layout: YamlLayout;

  constructor(layout: YamlLayout) {
    super(layout);
    this.#layout = layout;
  }

  #isFlow(value: unknown): boolean {
    const members = isList(value) ? value : isMapping(value) ? mapEntries(value).map(([, member]) => member) : [];
    const { flow, style } = this.#layout;
    return members.length === 0 || (flow ?? (style === undefined && !members.some(isCollection)));
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
    else for (const [, item] of sortedEntries(value as Mapping, this.#layout)) this.#nameRepeated(item);
  }

  /** Writes the name of what is repeated, in front of it or in its place; true: it is in its place. */
  #isAlias(value: unknown): boolean {
    const name = this.#anchors.get(value);
    if (name === undefined) return false;
    const known = this.#written.has(value);
    this.#written.add(value);
    this.write(`${known ? '*' : '&'}${name}`);
    return known;
  }

  document(value: unknown): void {
    if (this.#layout.anchors === true) this.#nameRepeated(value);
    const directives = directivesOf(this.#layout);
    this.write(directives);
    if (this.#layout.explicitStart || directives !== '')
      this.write(isCollection(value) && !this.#isFlow(value) ? '---\n' : '--- ');
    this.column = 0;
    if (isCollection(value) && !this.#isFlow(value)) this.#block(value, 0, 0);
    else this.#inline(value, this.#layout.indent, 0);
    this.write(this.#layout.explicitEnd ? '\n...\n' : '\n');
  }

  /** A list or dict as a block whose first line begins here, `column` deep. */
  #block(value: unknown, column: number, depth: number): void {
    if (depth > 100) throw new Fault('the value is nested too deeply for YAML');
    const { indent } = this.#layout;
    if (isList(value)) {
      value.forEach((item, index) => {
        if (index > 0) this.newline(column);
        const nested = isCollection(item) && !this.#isFlow(item);
        this.write(nested ? `-${' '.repeat(indent - 1)}` : '- ');
        if (nested) this.#block(item, column + indent, depth + 1);
        else this.#inline(item, column + indent, depth + 1);
      });
      return;
    }
    sortedEntries(value as Mapping, this.#layout).forEach(([key, item], index) => {
      if (index > 0) this.newline(column);
      this.#key(key, false);
      if (this.#anchors.get(item) !== undefined) {
        this.write(' ');
        if (this.#isAlias(item)) return;
      }
      if (isCollection(item) && !this.#isFlow(item)) {
        const inner = isList(item) ? column : column + indent;
        this.newline(inner);
        this.#block(item, inner, depth + 1);
      } else {
        this.write(' ');
        this.#inline(item, column + indent, depth + 1);
      }
    });
  }

  #key(key: unknown, inFlow: boolean): void {
    this.#scalar(key, 0, inFlow, true);
    this.write(':');
  }

  /** A scalar, or a list or dict in brackets; what does not fit goes on at column `indent`. */
  #inline(value: unknown, indent: number, depth: number): void {
    if (depth > 100) throw new Fault('the value is nested too deeply for YAML');
    if (isList(value)) {
      this.#bracketed('[', ']', value, indent, (item, inner) => this.#inline(item, inner, depth + 1));
    } else if (isMapping(value)) {
      this.#bracketed('{', '}', sortedEntries(value, this.#layout), indent, ([key, item], inner) => {
        this.#key(key, true);
        this.write(' ');
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
    this.write(open);
    this.#inBrackets++;
    items.forEach((item, index) => {
      if (index > 0) this.write(',');
      if (this.isFull) this.newline(indent);
      else if (index > 0) this.write(' ');
      one(item, indent + this.#layout.indent);
    });
    this.#inBrackets--;
    this.write(close);
  }

  #scalar(given: unknown, indent: number, inFlow: boolean, isKey: boolean): void {
    const { style } = this.#layout;
    if (given instanceof VaultText) {
      this.write('!vault ');
      this.block(given.text, indent, false);
      return;
    }
    const plain = plainForm(given);
    if (plain !== undefined && style === undefined) {
      this.write(plain);
      return;
    }
    if (plain !== undefined) this.write('! ');
    const value = plain ?? (given instanceof MemberHolder ? given.text : defined(given));
    if (typeof value !== 'string') throw new Fault(`a value of type ${typeName(given)} has no YAML form`);
    const analysis = analyzeScalar(value);
    if (style === '|' || style === '>') {
      if (analysis.block && !isKey && !inFlow) this.block(value, indent, style === '>');
      else this.doubleQuoted(value, indent, !isKey);
      return;
    }
    const simple = !(isKey && (value === '' || analysis.multiline));
    if (style === '"') this.doubleQuoted(value, indent, !isKey);
    else if (
      style === undefined &&
      simple &&
      !notText.test(value) &&
      value !== '' &&
      (inFlow ? analysis.plainInFlow : analysis.plainInBlock)
    ) {
      this.folded(value, indent, !isKey, false);
    } else if (analysis.single && !(isKey && analysis.multiline)) {
      this.write("'");
      this.folded(value, indent, !isKey, true);
      this.write("'");
    } else this.doubleQuoted(value, indent, !isKey);
  }
}

/** YAML laid out as PyYAML does: the lists of a dict at the dict's own depth, quotes only where needed, lines broken. */
export function dumpYaml(value: unknown, layout: YamlLayout): string {
  // As PyYAML: a number that it has no use for counts as the usual one.
  const indent = layout.indent > 1 && layout.indent < 10 ? layout.indent : 2;
  const width = layout.width > indent * 2 ? layout.width : 80;
  const used = { ...layout, indent, width };
  if (layout.canonical === true) return canonicalYaml(value, used);
  const emitter = new Emitter(used);
  emitter.document(value);
  return emitter.text;
}
