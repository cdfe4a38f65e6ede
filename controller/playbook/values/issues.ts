import type * as z from 'zod';
import type { ErrorCode } from '../../../proto/errors.ts';
import type { Path } from '../../source/located.ts';
import { didYouMean } from '../../template/suggest.ts';
import { valueAt } from './coerce.ts';
import { describe, orList } from './describe.ts';
import { parameterNames } from './schema.ts';
import { holdsTemplate } from './template-check.ts';

type Issue = z.core.$ZodIssue;
type Union = Extract<Issue, { code: 'invalid_union' }>;

/** One thing wrong with a task's parameters, not placed yet. */
export interface ParameterFault {
  readonly code: ErrorCode;
  readonly summary: string;
  readonly hint?: string | undefined;
  readonly path: Path;
  readonly part: 'key' | 'value';
}

export interface Checked {
  readonly module: string;
  readonly schema: z.ZodType;
  readonly data: unknown;
  /** False: values are secret and must not be shown. */
  readonly show: boolean;
  /** Nothing is a template any more, whatever it looks like: it may be what a host says. */
  readonly rendered: boolean;
}

const typeWords: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'yes or no',
  array: 'a list',
  object: 'a mapping',
  record: 'a mapping',
  null: 'nothing',
};

/** Zod's own messages start so; any other was written in the schema for people. */
const generic = /^(?:Invalid |Too (?:small|big)|Unrecognized key)/;

function pathText(path: Path): string {
  return path.map((part, index) => (typeof part === 'number' ? `[${part}]` : `${index ? '.' : ''}${part}`)).join('');
}

function limit(issue: Extract<Issue, { code: 'too_small' | 'too_big' }>): string {
  const small = issue.code === 'too_small';
  const bound = small ? issue.minimum : issue.maximum;
  const words = small ? (issue.inclusive ? 'at least' : 'more than') : issue.inclusive ? 'at most' : 'less than';
  const unit = issue.origin === 'string' ? ' characters long' : issue.origin === 'array' ? ' items long' : '';
  return `${words} ${bound}${unit}`;
}

/** What the schema wants, as the end of "must be ..."; undefined for issues that say it in another way. */
function wanted(issue: Issue): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      return typeWords[issue.expected] ?? issue.expected;
    case 'invalid_value':
      return orList(issue.values.map(String));
    case 'too_small':
    case 'too_big':
      return limit(issue);
    case 'not_multiple_of':
      return `a multiple of ${issue.divisor}`;
    case 'invalid_format':
      return issue.format === 'regex' ? `a text that matches ${issue.pattern}` : `a valid ${issue.format}`;
    default:
      return undefined;
  }
}

function unknownKeys(keys: readonly string[], path: Path, checked: Checked): ParameterFault[] {
  const known = parameterNames(checked.schema, path);
  const owner = path.length === 0 ? `module "${checked.module}"` : `"${pathText(path)}" of module "${checked.module}"`;
  return keys.map((key) => ({
    code: 'unknown-parameter',
    summary: `${owner} has no parameter "${key}"`,
    hint: didYouMean(key, known) ?? (known.length > 0 ? `it has ${known.join(', ')}` : undefined),
    path: [...path, key],
    part: 'key',
  }));
}

/** What the alternatives of a union want, when all fail at the value itself and not somewhere inside. */
function alternatives(union: Union): string[] | undefined {
  const words = union.errors.map(([first, ...more]): string[] | undefined => {
    if (!first || more.length > 0 || first.path.length > 0 || !generic.test(first.message)) return undefined;
    if (first.code === 'invalid_union') return alternatives(first);
    const own = wanted(first);
    return own === undefined ? undefined : [own];
  });
  return words.every((each) => each !== undefined) ? [...new Set(words.flat())] : undefined;
}

/** The faults of the alternative that came nearest, or one that names all the types that would do. */
function unionFaults(issue: Union, path: Path, checked: Checked): ParameterFault[] {
  const branches = issue.errors.map((branch) => branch.flatMap((inner) => faults(inner, checked, path)));
  if (branches.some((branch) => branch.length === 0)) return [];
  const words = alternatives(issue);
  if (words) return [fault(path, `must be ${orList(words)}`, checked)];
  // Branches for another type of value say nothing to a person who chose this type.
  const depth = (branch: readonly ParameterFault[]) => Math.max(...branch.map((each) => each.path.length));
  const [nearest] = branches.sort((a, b) => depth(b) - depth(a) || a.length - b.length);
  return nearest ?? [fault(path, 'has a value that is not one of the alternatives', checked)];
}

function fault(
  path: Path,
  words: string,
  { module, data, show }: Checked,
  values?: readonly unknown[],
): ParameterFault {
  const value = valueAt(data, path);
  const subject = path.length === 0 ? `module "${module}"` : `"${pathText(path)}" of module "${module}"`;
  const got = show ? `, not ${describe(value)}` : '';
  return {
    code: 'invalid-parameter',
    summary: `${subject} ${words}${words.startsWith('must be ') ? got : ''}`,
    hint: show ? hintFor(value, values) : undefined,
    path,
    part: 'value',
  };
}

function hintFor(value: unknown, values: readonly unknown[] | undefined): string | undefined {
  return values && typeof value === 'string' ? didYouMean(value, values.map(String)) : undefined;
}

/** Issues without those that a number is beyond JavaScript's, where another bound is told. */
export function telling(issues: readonly Issue[]): readonly Issue[] {
  const bounds = issues.filter(({ code }) => code === 'too_big');
  return issues.filter((issue) => {
    if (issue.code !== 'too_big' || issue.maximum !== Number.MAX_SAFE_INTEGER) return true;
    return bounds.every((other) => other === issue || pathText(other.path as Path) !== pathText(issue.path as Path));
  });
}

/**
 * What one zod issue means to the writer of a task. Nothing for values that are templates still: they are checked once
 * they are rendered.
 */
export function faults(issue: Issue, checked: Checked, base: Path = []): ParameterFault[] {
  const path = [...base, ...(issue.path as Path)];
  if (issue.code === 'unrecognized_keys') return unknownKeys(issue.keys, path, checked);
  if (issue.code === 'invalid_union' && issue.errors.length > 0) return unionFaults(issue, path, checked);
  const value = valueAt(checked.data, path);
  if (!checked.rendered && holdsTemplate(issue.code === 'custom' ? checked.data : value)) return [];
  if (value === undefined && issue.code === 'invalid_type') {
    const summary = `module "${checked.module}" needs the parameter "${pathText(path)}"`;
    return [{ code: 'invalid-parameter', summary, path: path.slice(0, -1), part: 'key' }];
  }
  if (issue.code === 'invalid_key' || issue.code === 'invalid_element') {
    return issue.issues.flatMap((inner) => faults(inner, checked, path));
  }
  if (!generic.test(issue.message)) return [fault(path, `is wrong: ${issue.message}`, checked)];
  const words = wanted(issue);
  const values = issue.code === 'invalid_value' ? issue.values : undefined;
  return [fault(path, words === undefined ? `is wrong: ${issue.message}` : `must be ${words}`, checked, values)];
}
