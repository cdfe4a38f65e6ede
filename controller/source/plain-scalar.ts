import { Float } from '../template/float.ts';

const booleans: ReadonlyMap<string, boolean> = new Map(
  Object.entries({ yes: true, true: true, on: true, no: false, false: false, off: false }).flatMap(([word, value]) => [
    [word, value],
    [word.toUpperCase(), value],
    [`${word[0]?.toUpperCase()}${word.slice(1)}`, value],
  ]),
);

const nulls: ReadonlySet<string> = new Set(['', '~', 'null', 'Null', 'NULL']);

/** The patterns of PyYAML's resolver, without base 60 (it turns MAC addresses into numbers), with YAML 1.2's 0o. */
const integers: readonly (readonly [RegExp, radix: number])[] = [
  [/^([-+]?)0b([01_]+)$/, 2],
  [/^([-+]?)0o?([0-7_]+)$/, 8],
  [/^([-+]?)(0|[1-9][0-9_]*)$/, 10],
  [/^([-+]?)0x([0-9a-fA-F_]+)$/, 16],
];
const float = /^[-+]?(?:[0-9][0-9_]*\.[0-9_]*|\.[0-9][0-9_]*)(?:[eE][-+][0-9]+)?$/;
const infinity = /^([-+]?)\.(?:inf|Inf|INF)$/;
const notANumber = /^\.(?:nan|NaN|NAN)$/;

function integer(text: string): number | undefined {
  for (const [pattern, radix] of integers) {
    const match = pattern.exec(text);
    const digits = match?.[2]?.replaceAll('_', '');
    if (!digits) continue;
    const value = Number.parseInt(digits, radix);
    // A number that JavaScript would round stays text.
    if (!Number.isSafeInteger(value)) return undefined;
    return match?.[1] === '-' && value !== 0 ? -value : value;
  }
  return undefined;
}

/** Value of an unquoted YAML scalar as PyYAML, and so Ansible, reads it: `yes` is true, `0644` is octal, a date is text. */
export function plainScalar(text: string): string | number | Float | boolean | null {
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
  return notANumber.test(text) ? Number.NaN : text;
}
