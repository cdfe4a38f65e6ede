import { Float } from '../../../proto/float.ts';
import { Fault } from '../fault.ts';
import { limits, Tally } from '../limits.ts';
import { mapEntries } from './mapping.ts';
import {
  Group,
  isKept,
  isList,
  isMapping,
  MemberHolder,
  Namespace,
  NoElse,
  Tuple,
  typeName,
  Undefined,
} from './values.ts';

/** A float as Python prints it: exponents from 1e16 up and below 1e-4, at least one decimal else. */
export function floatText(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  const size = Math.abs(value);
  if (size !== 0 && (size >= 1e16 || size < 1e-4)) {
    return value.toExponential().replace(/e([+-])(\d)$/, 'e$10$2');
  }
  if (Object.is(value, -0)) return '-0.0';
  return Number.isInteger(value) ? `${value}.0` : String(value);
}

const escapes: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t', '\\': '\\\\' };

function quoted(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  const body = text.replace(/[\\\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) => {
    const code = character.codePointAt(0) ?? 0;
    const short = escapes[character];
    if (short !== undefined) return short;
    if (code < 0x100) return `\\x${code.toString(16).padStart(2, '0')}`;
    return code < 0x10000 ? `\\u${code.toString(16).padStart(4, '0')}` : `\\U${code.toString(16).padStart(8, '0')}`;
  });
  return quote + (quote === "'" ? body.replaceAll("'", "\\'") : body) + quote;
}

interface Style {
  /** Tuples look like lists, as data does that leaves a template; groups stay what they are. */
  readonly tuplesAsLists: boolean;
}

function write(value: unknown, out: string[], tally: Tally, style: Style, depth: number): void {
  if (depth > 100) throw new Fault('the value is nested too deeply to be printed');
  const put = (text: string) => {
    tally.spend(text.length);
    out.push(text);
  };
  const list = (open: string, close: string, items: readonly unknown[], one: (item: unknown) => void) => {
    put(open);
    items.forEach((item, index) => {
      if (index > 0) put(', ');
      one(item);
    });
    put(close);
  };
  const nested = (item: unknown) => write(item, out, tally, style, depth + 1);
  if (typeof value === 'string') put(quoted(value));
  else if (isList(value)) {
    const tuple = value instanceof Group || (value instanceof Tuple && !style.tuplesAsLists);
    list(tuple ? '(' : '[', tuple ? (value.length === 1 ? ',)' : ')') : ']', value.filter(isKept), nested);
  } else if (isMapping(value)) {
    const kept = mapEntries(value).filter(([, item]) => isKept(item));
    list('{', '}', kept, (entry) => {
      const [key, inner] = entry as [unknown, unknown];
      nested(key);
      put(': ');
      nested(inner);
    });
  } else if (value instanceof Namespace) {
    put('<Namespace ');
    nested(value.attributes);
    put('>');
  } else if (value instanceof MemberHolder && value.repr !== undefined && depth > 0) put(value.repr);
  else if (value instanceof NoElse && depth > 0) put('Undefined');
  else put(scalar(value));
}

function scalar(value: unknown): string {
  if (value === null || value === undefined) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'bigint') return value.toString();
  if (value instanceof Float) return floatText(value.value);
  if (typeof value === 'number') return Number.isInteger(value) ? BigInt(value).toString() : floatText(value);
  if (value instanceof NoElse) return '';
  if (value instanceof Undefined) throw value.fault();
  if (value instanceof MemberHolder && value.text !== undefined) return value.text;
  // As Ansible has `omit` where it is made a text.
  if (typeof value === 'symbol') return '<<Omit>>';
  throw new Fault(`a value of type ${typeName(value)} cannot be printed`);
}

/** Python's repr(): text is quoted. */
export function repr(value: unknown): string {
  return written(value, { tuplesAsLists: false });
}

function written(value: unknown, style: Style): string {
  const out: string[] = [];
  write(value, out, new Tally(), style, 0);
  return out.join('');
}

/** What `{{ value }}` puts into a text: as str(), but None and `omit` are nothing and tuples look like lists, as in Ansible. */
export function printedText(value: unknown): string {
  if (typeof value === 'string') return value;
  // Of what loops count by: in less time than any other value.
  if (Number.isSafeInteger(value)) return String(value);
  if (value === null || value === undefined || typeof value === 'symbol') return '';
  return written(value, { tuplesAsLists: true });
}

/** Python's str(), as '~' and filters use it. */
export function str(value: unknown): string {
  return typeof value === 'string' ? value : repr(value);
}

/** The characters of a text as Python counts them; the text itself where each is one UTF-16 unit. */
export function characters(text: string): string | readonly string[] {
  return /[\ud800-\udfff]/.test(text) ? Array.from(text) : text;
}

/** A short form of a value, for messages. */
export function brief(value: unknown): string {
  const text = typeof value === 'string' ? quoted(value.slice(0, limits.text)) : repr(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
