import { Fault } from '../fault.ts';
import { checkText } from '../limits.ts';
import { plugin } from '../plugin.ts';
import { asInteger, asText, printed } from '../python/coerce.ts';
import { truth } from '../python/compare.ts';
import { expand, findAll, findFirst, groupOf, type Match } from '../python/regex.ts';
import { Tuple } from '../python/values.ts';

const flags = (ignoreCase: unknown, multiline: unknown) => ({
  ignoreCase: truth(ignoreCase ?? false),
  multiline: truth(multiline ?? false),
});

/** What re.findall() gives for one match: the text, its one group or a tuple of its groups. */
function findings({ text, groups }: Match): unknown {
  if (groups.length === 0) return text;
  return groups.length === 1 ? (groups[0] ?? '') : Tuple.from(groups, (group) => group ?? '');
}

/** The whole match, or the groups that `\\1` and `\\g<name>` ask for, whatever follows these. */
function search(text: string, pattern: string, wanted: unknown, options: ReturnType<typeof flags>): unknown {
  const keys = (wanted as unknown[]).map((group) => {
    const name = asText(group, 'group');
    const key = /^\\(?:(\d+)|g<(\S+)>)/.exec(name)?.slice(1).join('');
    if (key === undefined)
      throw new Fault(`Unknown argument '${name}'`, { hint: "a group is written '\\\\1' or '\\\\g<name>'" });
    return key;
  });
  const found = findFirst(pattern, text, options, 'search');
  if (!found) return null;
  return keys.length === 0 ? found.text : keys.map((key) => groupOf(found, key) ?? null);
}

function replaceAll(
  text: string,
  pattern: string,
  replacement: string,
  limit: number,
  mandatory: number,
  options: ReturnType<typeof flags>,
): string {
  let result = '';
  let at = 0;
  const found = findAll(pattern, text, options);
  const matches = limit > 0 ? found.slice(0, limit) : found;
  if (mandatory > 0 && matches.length !== mandatory) {
    throw new Fault(`'${pattern}' should match ${mandatory} times, but matches ${matches.length} times in '${text}'`);
  }
  for (const match of matches) {
    result += text.slice(at, match.index) + expand(replacement, match);
    checkText(result.length);
    at = match.index + match.text.length;
  }
  return result + text.slice(at);
}

/** The characters that mean something, by kind of expression. */
const specials = new Map([
  ['python', /[-.*+?^${}()|[\]\\&~#\s]/g],
  ['posix_basic', /[\].[^$*\\]/g],
]);

export const regexFilters = {
  regex_search: plugin('regex, *groups, ignorecase?, multiline?', (value, [pattern, ignoreCase, multiline, groups]) =>
    search(printed(value), asText(pattern, 'regex'), groups, flags(ignoreCase, multiline)),
  ),
  regex_findall: plugin('regex, multiline?, ignorecase?', (value, [pattern, multiline, ignoreCase]) =>
    findAll(asText(pattern, 'regex'), printed(value), flags(ignoreCase, multiline)).map(findings),
  ),
  regex_replace: plugin(
    'pattern?, replacement?, ignorecase?, multiline?, count?, mandatory_count?',
    (value, [pattern, replacement, ignoreCase, multiline, count, mandatory]) =>
      replaceAll(
        printed(value),
        asText(pattern ?? '', 'pattern'),
        asText(replacement ?? '', 'replacement'),
        asInteger(count, 'count', 0),
        asInteger(mandatory, 'mandatory_count', 0),
        flags(ignoreCase, multiline),
      ),
  ),
  regex_escape: plugin('re_type?', (value, [type]) => {
    const kind = printed(type ?? 'python');
    const special = specials.get(kind);
    // Ansible's words: it knows that kind, and has nothing for it.
    const wrong =
      kind === 'posix_extended' ? `Regex type (${kind}) not yet implemented` : `Invalid regex type (${kind})`;
    if (!special) throw new Fault(wrong, { hint: [...specials.keys()].join(', ') });
    return printed(value).replace(special, '\\$&');
  }),
};
