import { Fault } from '../fault.ts';
import { checkText } from '../limits.ts';
import { asInteger, asText } from '../python/coerce.ts';

interface Style {
  readonly beginning?: string;
  readonly decoration: string;
  readonly end?: string;
}

const styles: Readonly<Record<string, Style>> = {
  plain: { decoration: '# ' },
  erlang: { decoration: '% ' },
  c: { decoration: '// ' },
  cblock: { beginning: '/*', decoration: ' * ', end: ' */' },
  xml: { beginning: '<!--', decoration: ' - ', end: '-->' },
};

/** Ansible's `comment`: each line behind a decoration, between prefix and postfix lines, inside beginning and end. */
export function commented(text: string, style: string, options: ReadonlyMap<string, unknown>): string {
  const known = Object.hasOwn(styles, style) ? styles[style] : undefined;
  if (!known) throw new Fault(`Invalid style '${style}' of a comment`, { hint: Object.keys(styles).join(', ') });
  const option = (name: string, otherwise: string) => asText(options.get(name) ?? otherwise, name);
  const count = (name: string) => asInteger(options.get(name) ?? 1, name);
  const decoration = option('decoration', known.decoration);
  const newline = option('newline', '\n');
  const beginning = option('beginning', known.beginning ?? '');
  const prefix = option('prefix', decoration.trimEnd());
  const postfix = option('postfix', decoration.trimEnd());
  const end = option('end', known.end ?? '');
  const [before, after] = [count('prefix_count'), count('postfix_count')];
  checkText((prefix.length + 1) * before + (postfix.length + 1) * after);
  const lines = decoration + text.replaceAll(newline, newline + decoration);
  return [
    beginning === '' ? '' : beginning + newline,
    prefix === '' ? '' : (prefix === newline ? newline : prefix + newline).repeat(Math.max(0, before)),
    // A line of nothing but the decoration has no blank at its end.
    lines.replaceAll(decoration + newline, decoration.trimEnd() + newline),
    (newline + postfix).repeat(Math.max(0, after)),
    end === '' ? '' : newline + end,
  ].join('');
}
