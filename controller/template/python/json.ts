import { Fault } from '../fault.ts';
import { checkText, Tally } from '../limits.ts';
import { compare } from './compare.ts';
import { mapEntries } from './mapping.ts';
import { Moment } from './moment.ts';
import { floatText, str } from './text.ts';
import { defined, isFloat, isList, isMapping, numberOf, typeName } from './values.ts';

export interface JsonLayout {
  /** Blanks a level, or what stands for each; undefined: all on one line. */
  readonly indent: number | string | undefined;
  readonly sortKeys: boolean;
  /** Escapes everything beyond ASCII. */
  readonly ascii: boolean;
  /** Between elements, and behind keys; absent: Python's. */
  readonly separators?: readonly [element: string, key: string];
  /** Characters that it may have; absent: as many as a template may make. */
  readonly most?: number;
}

function text(value: string, ascii: boolean): string {
  const quoted = JSON.stringify(value);
  if (!ascii) return quoted;
  return quoted.replace(/[\x7f-\uffff]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

function keyText(key: unknown): string {
  if (typeof key === 'boolean') return String(key);
  return key === null ? 'null' : str(key);
}

/** JSON laid out as Python's json.dumps() does. */
export function pythonJson(value: unknown, layout: JsonLayout): string {
  const { indent, sortKeys, ascii, most } = layout;
  const [between, colon] = layout.separators ?? [indent === undefined ? ', ' : ',', ': '];
  const tally = new Tally(most);
  if (typeof indent === 'number' && (indent < 0 || indent > 100)) throw new Fault("'indent' must be between 0 and 100");
  const step = typeof indent === 'number' ? ' '.repeat(indent) : (indent ?? '');

  const block = (open: string, close: string, parts: readonly string[], level: number): string => {
    if (parts.length === 0) return open + close;
    checkText(step.length * (level + 1) * parts.length, most);
    const result =
      indent === undefined
        ? open + parts.join(between) + close
        : `${open}\n${parts.map((part) => step.repeat(level + 1) + part).join(`${between}\n`)}\n${step.repeat(level)}${close}`;
    checkText(result.length, most);
    return result;
  };
  const write = (item: unknown, level: number): string => {
    tally.spend();
    defined(item);
    if (level > 100) throw new Fault('the value is nested too deeply for JSON');
    if (typeof item === 'string') return text(item, ascii);
    if (typeof item === 'boolean') return String(item);
    if (item === null || item === undefined) return 'null';
    const number = numberOf(item);
    if (number !== undefined) return isFloat(item) ? jsonFloat(number) : str(item);
    if (isList(item)) {
      const parts = item.map((element) => write(element, level + 1));
      return block('[', ']', parts, level);
    }
    if (item instanceof Moment) return text(item.toJSON(), ascii);
    if (!isMapping(item)) throw new Fault(`a value of type ${typeName(item)} has no JSON form`);
    const entries = mapEntries(item).map(([key, inner]) => [keyText(key), inner] as const);
    if (sortKeys) entries.sort(([a], [b]) => compare(a, b));
    const parts = entries.map(([key, inner]) => `${text(key, ascii)}${colon}${write(inner, level + 1)}`);
    return block('{', '}', parts, level);
  };
  return write(value, 0);
}

function jsonFloat(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  return Number.isFinite(value) ? floatText(value) : value > 0 ? 'Infinity' : '-Infinity';
}
