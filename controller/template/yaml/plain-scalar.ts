import { Float } from '../../../proto/float.ts';
import { type Integer, normal } from '../python/integer.ts';
import type { Moment } from '../python/moment.ts';
import { readStamp } from '../python/read-time.ts';

const booleans: ReadonlyMap<string, boolean> = new Map(
  Object.entries({ yes: true, true: true, on: true, no: false, false: false, off: false }).flatMap(([word, value]) => [
    [word, value],
    [word.toUpperCase(), value],
    [`${word[0]?.toUpperCase()}${word.slice(1)}`, value],
  ]),
);

const nulls: ReadonlySet<string> = new Set(['', '~', 'null', 'Null', 'NULL']);

/** The patterns of PyYAML's resolver, without base 60 (it turns MAC addresses into numbers), each with the prefix that BigInt knows. */
const integers: readonly (readonly [RegExp, prefix: string])[] = [
  [/^([-+]?)0b([01_]+)$/, '0b'],
  [/^([-+]?)(0[0-7_]+)$/, '0o'],
  [/^([-+]?)(0|[1-9][0-9_]*)$/, ''],
  [/^([-+]?)0x([0-9a-fA-F_]+)$/, '0x'],
];
const float = /^(?:[-+]?[0-9][0-9_]*\.[0-9_]*|\.[0-9][0-9_]*)(?:[eE][-+][0-9]+)?$/;
const infinity = /^([-+]?)\.(?:inf|Inf|INF)$/;
const notANumber = /^\.(?:nan|NaN|NAN)$/;

function integer(text: string): Integer | undefined {
  for (const [pattern, prefix] of integers) {
    const [, sign, written] = pattern.exec(text) ?? [];
    const digits = written?.replaceAll('_', '');
    if (!digits) continue;
    const value = BigInt(prefix + digits);
    return normal(sign === '-' ? -value : value);
  }
  return undefined;
}

/** Value of an unquoted YAML scalar as PyYAML, and so Ansible, reads it: `yes` is true, `0644` is octal. Throws a Fault for a date that there is not. */
export function plainScalar(text: string): string | Integer | Float | Moment | boolean | null {
  if (nulls.has(text)) return null;
  const boolean = booleans.get(text);
  if (boolean !== undefined) return boolean;
  // Most texts are words or addresses: one look at the first character settles it.
  if (!/^[-+.0-9]/.test(text)) return text;
  const whole = integer(text);
  if (whole !== undefined) return whole;
  if (float.test(text)) return Float.of(Number(text.replaceAll('_', '')));
  const infinite = infinity.exec(text);
  if (infinite) return infinite[1] === '-' ? -Infinity : Infinity;
  return notANumber.test(text) ? Number.NaN : (readStamp(text) ?? text);
}
