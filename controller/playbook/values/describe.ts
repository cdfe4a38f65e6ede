import { isAtom } from '../../template/python/atom.ts';

/** Longer texts are cut in messages. */
const longest = 40;

/** A value in a sentence: `"text"`, `5`, `a list`. */
export function describe(value: unknown): string {
  if (value === null || value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object' && !isAtom(value)) return 'a mapping';
  if (typeof value !== 'string') return String(value);
  return JSON.stringify(value.length > longest ? `${value.slice(0, longest)}...` : value);
}

/** `a, b or c`. */
export function orList(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
}
