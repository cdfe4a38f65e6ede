import { OrchError } from '../../../proto/errors.ts';
import { str } from '../../template/python/text.ts';

/** A lookup that failed; the place is the template's to add. */
export const lookupError = (name: string, summary: string, hint?: string): OrchError =>
  new OrchError({ code: 'template-error', summary: `The lookup plugin '${name}' failed: ${summary}`, hint });

/**
 * Words of a term such as `key file=users.ini section="a b"`: what has a known name, and the rest joined. Quotes go
 * from the values only, where `quotesStay`.
 */
export function readTerm(
  term: unknown,
  names: readonly string[],
  quotesStay = false,
): { rest: string; options: Map<string, string> } {
  const options = new Map<string, string>();
  const rest: string[] = [];
  for (const [word] of String(term).matchAll(/(?:[^\s"']|"[^"]*"|'[^']*')+/g)) {
    const plain = word.replace(/"([^"]*)"|'([^']*)'/g, (_, double?: string, single?: string) => double ?? single ?? '');
    const [, name, value] = /^(\w+)=([\s\S]*)$/.exec(plain) ?? [];
    if (name !== undefined && value !== undefined && names.includes(name)) options.set(name, value);
    else rest.push(quotesStay ? word : plain);
  }
  return { rest: rest.join(' '), options };
}

type Options = Readonly<Record<string, unknown>>;

/** An option as it was named, else as the term says it. */
export const optionOf = (name: string, given: Options, term: ReadonlyMap<string, string>): unknown =>
  given[name] ?? term.get(name);

export const textOption = (value: unknown, otherwise: string): string =>
  value === undefined || value === null ? otherwise : str(value);

/** Ansible's reading of yes. */
export const isYes = (value: unknown, otherwise = false): boolean =>
  value === undefined || value === null ? otherwise : /^(?:true|yes|on|1|y|t)$/i.test(String(value));

export const listOf = (value: unknown): readonly unknown[] =>
  Array.isArray(value) ? value : value === undefined || value === null ? [] : [value];
