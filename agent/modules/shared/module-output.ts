import { exactJson, readDataJson } from '../../../proto/exact-json.ts';
import type { ExecResult } from '../../linux/host.ts';
import type { RunResult } from '../module.ts';
import { lines } from './run-command.ts';

type Result = Readonly<Record<string, unknown>>;

/** What a module printed: its result, and what else stood behind it. */
interface Printed {
  readonly result: Result;
  readonly junk: string;
}

/**
 * The JSON object in what a module printed, as Ansible finds it: it begins with a line that begins with a brace, and ends with
 * the last line that ends with one. Otherwise: why there is none.
 */
function printedResult(stdout: string): Printed | string {
  const all = stdout.split('\n');
  const first = all.findIndex((line) => line.trimStart().startsWith('{'));
  if (first < 0) return 'No start of json char found';
  const last = all.findLastIndex((line) => line.trimEnd().endsWith('}'));
  try {
    const value = readDataJson(all.slice(first, last + 1).join('\n'));
    if (!isObject(value)) return 'It is no object';
    return {
      result: value,
      junk: all
        .slice(last + 1)
        .join('\n')
        .trim(),
    };
  } catch {
    return 'It is no JSON';
  }
}

/** What a custom module's run came to, under Ansible's keys. */
export function moduleResult(name: string, { status, stdout, stderr }: ExecResult): RunResult {
  const printed = printedResult(stdout);
  if (typeof printed === 'string') {
    const msg = `Module result deserialization failed: ${printed}`;
    const said = (stderr || stdout).trim().split('\n').at(-1);
    const message = `${name} printed no result (status ${status ?? 'unknown'})${said ? `: ${said}` : ''}`;
    const result = { msg, module_stdout: stdout, module_stderr: stderr, rc: status };
    return { changed: false, failed: true, message, result };
  }
  return resultOf(name, printed.result, junkWarning(printed.junk));
}

/** What a module of Ansible's kind came to, by what it tells; `more`: warnings beside its own. */
export function resultOf(
  name: string,
  told: Result,
  more: readonly string[] = [],
): RunResult & { readonly result: Result } {
  const { changed, failed, skipped, diff, warnings, ...rest } = Object.fromEntries(
    Object.entries(told).filter(([key]) => !key.startsWith('_ansible_')),
  );
  const said = [...texts(warnings), ...more];
  const hasFailed = failed === undefined ? statusOf(rest.rc) : isTrue(failed);
  return {
    changed: isTrue(changed),
    failed: hasFailed,
    skipped: isTrue(skipped),
    ...(hasFailed ? { message: failureText(name, rest) } : {}),
    diff: diffOf(diff),
    warnings: said,
    result: {
      ...rest,
      ...(diff === undefined ? {} : { diff }),
      ...linesOf(rest, 'stdout'),
      ...linesOf(rest, 'stderr'),
      ...(said.length > 0 ? { warnings: said } : {}),
    },
  };
}

function isObject(value: unknown): value is Result {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isTrue(value: unknown): boolean {
  return typeof value === 'string' ? /^(y|yes|true|on|1|t)$/i.test(value) : Boolean(value);
}

/** Of a module that says nothing of failing. */
function statusOf(rc: unknown): boolean {
  return rc !== undefined && rc !== 0 && rc !== '0';
}

function failureText(name: string, { msg, rc }: Result): string {
  if (typeof msg === 'string' && msg !== '') return msg;
  return rc === undefined ? `${name} failed` : `${name} failed: rc is ${String(rc)}`;
}

function texts(value: unknown): string[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : value === undefined ? [] : [value];
  return list.filter((one) => typeof one === 'string');
}

function junkWarning(junk: string): string[] {
  return junk === '' ? [] : [`Module invocation had junk after the JSON data: ${junk}`];
}

/** `stdout_lines` beside `stdout`. */
function linesOf(result: Result, key: 'stdout' | 'stderr'): Result {
  const text = result[key];
  const name = `${key}_lines`;
  return typeof text === 'string' && result[name] === undefined ? { [name]: lines(text) } : {};
}

/** The parts of the diff that a module tells: {before, after}, {prepared}, or a list of those. */
function diffOf(diff: unknown): RunResult['diff'] {
  const all: readonly unknown[] = Array.isArray(diff) ? diff : [diff];
  const known = all.filter(isObject);
  if (known.length === 0) return undefined;
  const side = (one: Result, key: 'before' | 'after') => ('before' in one && 'after' in one ? diffText(one[key]) : '');
  return known.map((one) => ({
    before: side(one, 'before'),
    after: side(one, 'after'),
    path: diffText(one.before_header),
    afterPath: diffText(one.after_header),
    prepared: diffText(one.prepared),
  }));
}

function diffText(value: unknown): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'string' ? value : `${exactJson(value, 4)}\n`;
}
