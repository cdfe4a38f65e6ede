import { isAtom } from '../template/python/atom.ts';
import { dataEntries, objectOf } from '../template/python/mapping.ts';
import { literal } from './literal.ts';
import { openedValue } from './sealed.ts';

/** The one key of a mapping that stands for an encrypted text in Ansible's JSON, and for a text; neither is a template. */
export const vaultMark = '__ansible_vault';
export const unsafeMark = '__ansible_unsafe';

/** Data of JSON with those texts in place of their mappings. Throws OrchError without a place for what is damaged. */
export function withoutMarks(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || isAtom(value)) return value;
  if (Array.isArray(value)) return value.map(withoutMarks);
  const entries = dataEntries(value as Readonly<Record<string, unknown>>);
  const [[mark, text] = [], ...others] = entries;
  if (others.length === 0 && typeof text === 'string') {
    if (mark === vaultMark) return openedValue(text);
    if (mark === unsafeMark) return literal(text);
  }
  return objectOf(entries.map(([key, item]) => [key, withoutMarks(item)]));
}
