import { Fault } from '../fault.ts';
import { Moment } from '../python/moment.ts';
import { defined, isFloat, isList, isMapping, type Mapping, MemberHolder, typeName } from '../python/values.ts';
import { directivesOf, plainForm, sortedEntries, type YamlLayout } from './yaml-layout.ts';
import { ScalarWriter } from './yaml-scalar-writer.ts';

/** The tag of what is no text, list or dict. */
function tagOf(value: unknown): string {
  if (value === null || value === undefined) return 'null';
  if (typeof value === 'boolean') return 'bool';
  if (value instanceof Moment) return 'timestamp';
  return isFloat(value) ? 'float' : 'int';
}

/** Writes YAML in the form that PyYAML calls canonical: a line for each value, with its tag, and all scalars in double quotes. */
class CanonicalWriter extends ScalarWriter {
  readonly #layout: YamlLayout;

  constructor(layout: YamlLayout) {
    super(layout);
    this.#layout = layout;
  }

  document(value: unknown): void {
    this.write(`${directivesOf(this.#layout)}---\n`);
    this.column = 0;
    this.#value(value, 0);
    this.write(this.#layout.explicitEnd ? '\n...\n' : '\n');
  }

  /** A value whose own line is `indent` deep. */
  #value(value: unknown, indent: number): void {
    if (indent > 1000) throw new Fault('the value is nested too deeply for YAML');
    const inner = indent + this.#layout.indent;
    if (isList(value)) {
      this.#bracketed('!!seq [', ']', value, indent, (item) => this.#value(item, inner));
    } else if (isMapping(value)) {
      this.#bracketed('!!map {', '}', sortedEntries(value as Mapping, this.#layout), indent, ([key, item]) => {
        this.write('? ');
        this.#value(key, inner);
        this.newline(inner);
        this.write(': ');
        this.#value(item, inner);
      });
    } else this.#scalar(value, inner);
  }

  #bracketed<T>(open: string, close: string, items: readonly T[], indent: number, one: (item: T) => void): void {
    this.write(open);
    for (const item of items) {
      this.newline(indent + this.#layout.indent);
      one(item);
      this.write(',');
    }
    if (items.length > 0) this.newline(indent);
    this.write(close);
  }

  #scalar(value: unknown, indent: number): void {
    const plain = plainForm(value);
    const text = plain ?? (value instanceof MemberHolder ? value.text : defined(value));
    if (typeof text !== 'string') throw new Fault(`a value of type ${typeName(value)} has no YAML form`);
    this.write(`!!${plain === undefined ? 'str' : tagOf(value)} `);
    this.doubleQuoted(text, indent, true);
  }
}

/** The canonical YAML of a value. */
export function canonicalYaml(value: unknown, layout: YamlLayout): string {
  const writer = new CanonicalWriter(layout);
  writer.document(value);
  return writer.text;
}
