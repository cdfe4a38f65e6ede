import { isAtom } from '../template/python/atom.ts';
import { dataEntries, objectOf } from '../template/python/mapping.ts';

/** The template whose result is the text itself, for `!unsafe`: nothing in it is ever evaluated. */
export function literal(text: string): string {
  if (!/\{[{%#]|^#jinja2:/.test(text)) return text;
  const raw = (part: string) => `{% raw %}${part}{% endraw %}`;
  // A text may hold the very tag that ends it.
  return text
    .split(/(?<=\{)(?=%[-+]?\s*endraw)/)
    .map(raw)
    .join('');
}

/** The text that such a template stands for; undefined for others. */
export function literalText(template: string): string | undefined {
  const raw = /\{% raw %\}([\s\S]*?)\{% endraw %\}/g;
  const parts = [...template.matchAll(raw)];
  if (parts.length === 0 || template.replaceAll(raw, '') !== '') return undefined;
  const text = parts.map(([, part]) => part).join('');
  return literal(text) === template ? text : undefined;
}

/** The same for all texts of a value: what is rendered already is not read as a template again. */
export function literalData(value: unknown): unknown {
  if (typeof value === 'string') return literal(value);
  if (Array.isArray(value)) return value.map(literalData);
  if (typeof value !== 'object' || value === null || isAtom(value)) return value;
  const entries = dataEntries(value as Readonly<Record<string, unknown>>).map(
    ([key, item]) => [key, literalData(item)] as const,
  );
  return objectOf(entries);
}
