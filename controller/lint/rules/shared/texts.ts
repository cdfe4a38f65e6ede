import type { Located } from '../../../source/located.ts';

/** All texts inside a value. */
export function textsIn({ value, origin, path }: Located): readonly Located<string>[] {
  if (typeof value === 'string') return [{ value, origin, path }];
  if (typeof value !== 'object' || value === null) return [];
  const inside: readonly (readonly [string | number, unknown])[] = Array.isArray(value)
    ? value.map((item, index) => [index, item] as const)
    : Object.entries(value);
  return inside.flatMap(([part, inner]) => textsIn({ value: inner, origin, path: [...path, part] }));
}
