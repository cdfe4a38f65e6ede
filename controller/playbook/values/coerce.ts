import type * as z from 'zod';
import { readDataJson } from '../../../proto/exact-json.ts';
import { Float, isNumber } from '../../../proto/float.ts';
import { narrowed } from '../../../proto/narrowed.ts';
import type { Path } from '../../source/located.ts';
import { Moment } from '../../template/python/moment.ts';
import { str } from '../../template/python/text.ts';

type Issue = z.core.$ZodIssue;

/** A value to put at a path; undefined takes the key away. */
interface Fix {
  readonly path: Path;
  readonly value: unknown;
}

const yes: ReadonlySet<unknown> = new Set(['y', 'yes', 'on', '1', 'true', 't']);
const no: ReadonlySet<unknown> = new Set(['n', 'no', 'off', '0', 'false', 'f']);

/** Parameters of which an empty text is none where it could be no other, as for Ansible's modules, which ask whether it says anything. */
const emptyIsNone: ReadonlySet<unknown> = new Set(
  'creates removes chdir validate checksum mode directory_mode tmp_dest'.split(' '),
);

/** More rounds than any schema has levels of unions. */
const mostRounds = 8;

/** The value at a path inside plain data; undefined when there is none. */
export function valueAt(data: unknown, path: Path): unknown {
  let value = data;
  for (const part of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return undefined;
    value = Reflect.get(value, part);
  }
  return value;
}

/** Whether a choice is what a value stands for: of `off`, which is a word of some modules, YAML makes false. */
function isMeant(choice: unknown, value: unknown): boolean {
  if (typeof value === 'boolean' && typeof choice === 'string') return (value ? yes : no).has(choice);
  return typeof value !== 'object' && String(choice) === String(value);
}

/** `value` as the wanted type in the way Ansible converts; undefined when it can't be. */
function converted(value: unknown, expected: string): unknown {
  const text = typeof value === 'string' ? value.trim() : value;
  if ((value instanceof Float || typeof value === 'bigint') && (expected === 'number' || expected === 'int'))
    return Number(value);
  switch (expected) {
    case 'number':
    case 'int':
      return typeof text === 'string' && /^[-+]?\d+(?:\.\d+)?$/.test(text) ? Number(text) : undefined;
    case 'boolean': {
      if (typeof text !== 'string' && !isNumber(text)) return undefined;
      const word = String(text instanceof Float ? text.value : text).toLowerCase();
      return yes.has(word) ? true : no.has(word) ? false : undefined;
    }
    case 'string':
      if (value instanceof Moment) return value.toJSON();
      return isNumber(value) || typeof value === 'boolean' ? str(value) : undefined;
    case 'array':
      return value === null ? undefined : listOf(value);
    case 'record':
    case 'object':
      return typeof text === 'string' ? mappingOf(text) : undefined;
    default:
      return undefined;
  }
}

/** What has brackets or quotes in it is one item, such as a rule of a firewall or an expression. */
function listOf(value: unknown): readonly unknown[] {
  return typeof value === 'string' && !/[{}()[\]"']/.test(value) ? value.split(',') : [value];
}

/** A mapping written as JSON, or as key=value with blanks or commas between; undefined for another text. */
function mappingOf(text: string): unknown {
  if (text.startsWith('{')) {
    try {
      return readDataJson(text);
    } catch {
      return undefined;
    }
  }
  const pairs = text.split(/[\s,]+/).map((word) => /^([^=]+)=(.*)$/s.exec(word));
  if (!pairs.every((pair) => pair !== null)) return undefined;
  return Object.fromEntries(pairs.map(([, key, value]) => [key, value]));
}

function fixOf(issue: Issue, data: unknown, base: Path): Fix[] | undefined {
  const path = [...base, ...(issue.path as Path)];
  const value = valueAt(data, path);
  if (value === undefined) return undefined;
  if (issue.code === 'invalid_union') {
    for (const branch of issue.errors) {
      const fixes = branch.map((inner) => fixOf(inner, data, path));
      if (fixes.every((fix) => fix !== undefined)) return fixes.flat();
    }
    return undefined;
  }
  const isNone = value === null || (value === '' && emptyIsNone.has(path[0]));
  if (isNone) return path.length === 1 ? [{ path, value: undefined }] : undefined;
  let fixed: unknown;
  if (issue.code === 'invalid_type') fixed = converted(value, issue.expected);
  if (issue.code === 'invalid_value') fixed = issue.values.find((wanted) => isMeant(wanted, value));
  return fixed === undefined ? undefined : [{ path, value: fixed }];
}

const isRounded = (value: unknown) => Number.isInteger(value) && !Number.isSafeInteger(value);

/** A copy of `data` with one place changed. */
function put(data: unknown, [part, ...rest]: Path, value: unknown): unknown {
  if (part === undefined) return value;
  if (Array.isArray(data)) return data.map((item, index) => (index === part ? put(item, rest, value) : item));
  const copy: Record<string, unknown> = { ...(data as Record<string, unknown>) };
  if (rest.length === 0 && value === undefined) delete copy[part];
  else copy[part] = put(copy[part], rest, value);
  return copy;
}

/**
 * Parses parameters as Ansible takes them: "1500" where a number is wanted, "yes" for a boolean, 5 or true for a text, one item
 * or words with commas for a list, JSON or key=value for a mapping, and nothing (null, of some an empty
 * text) for a parameter left out. The input is not changed.
 */
export function parseCoerced(
  schema: z.ZodType,
  data: unknown,
): { result: z.ZodSafeParseResult<unknown>; data: unknown } {
  let current = data;
  // With a number that had to be rounded as it was written.
  let told = data;
  let result = narrowed(schema, current).safeParse(current);
  for (let round = 0; !result.success && round < mostRounds; round++) {
    const fixes = result.error.issues.flatMap((issue) => fixOf(issue, current, []) ?? []);
    if (fixes.length === 0) break;
    for (const { path, value } of fixes) {
      current = put(current, path, value);
      if (!isRounded(value)) told = put(told, path, value);
    }
    result = schema.safeParse(current);
  }
  return { result, data: told };
}
