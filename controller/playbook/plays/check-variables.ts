import { OrchError } from '../../../proto/errors.ts';
import { byPlace } from '../../source/load-yaml.ts';
import type { Located } from '../../source/located.ts';
import { didYouMean } from '../../template/suggest.ts';
import type { Catalog } from '../catalog/catalog.ts';
import type { Playbook, Vars } from '../types.ts';
import { type Use, usesOf, VariableCollector } from './variable-uses.ts';

/**
 * What may be the name of a variable in a text that has errors, so that nobody knows what it defines: keys, and the names
 * behind the keywords that give them.
 */
export function possibleNames(text: string): string[] {
  const keys = text.matchAll(/(?<!\w)([A-Za-z_]\w*)\s*[:=]/g);
  const given = text.matchAll(/\b(?:register|loop_var|index_var|name)\s*:\s*["']?([A-Za-z_]\w*)/g);
  return [...keys, ...given].map(([, name = '']) => name);
}

/** Variables that every run has, besides those that start with `ansible_`. */
const magic = [
  ...['inventory_hostname', 'inventory_hostname_short', 'inventory_dir', 'inventory_file', 'group_names', 'groups'],
  ...['hostvars', 'play_hosts', 'playbook_dir', 'omit', 'vars', 'environment', 'role_name', 'role_path', 'role_names'],
  ...['gather_subset', 'module_setup'],
];

/**
 * Variables that plays read and that nothing can define: no vars, no file, no inventory, no option, no register,
 * no set_fact, no loop. Silent where only the run can know (a file named by a template), where a text asks
 * `is defined` or has a default, in branches that may not be taken, and where an error is ignored or rescued.
 *
 * @param given variables of the inventory's hosts and of `-e`
 * @param possible names that may be defined in what could not be read
 */
export function checkVariables(
  { plays }: Pick<Playbook, 'plays'>,
  given: Iterable<Vars>,
  catalog: Catalog,
  possible: readonly string[] = [],
): OrchError[] {
  const collector = new VariableCollector(catalog);
  for (const vars of new Set(given)) collector.vars(vars);
  for (const play of plays) collector.play(play);
  const { defined, uses, guarded, open } = collector.found;
  if (open) return [];
  const missing: Use[] = [];
  const followed = new Set<string>();
  // The value of a variable that is read is read as well.
  for (const use of uses) {
    if (use.perhaps || guarded.has(use.name)) continue;
    const values = defined.get(use.name);
    if (!values) missing.push(use);
    const { name, members } = use;
    const part = JSON.stringify([name, members]);
    if (!members || followed.has(part)) continue;
    followed.add(part);
    for (const value of values ?? []) uses.push(...usesOf(memberOf(value, members), guarded));
  }
  const errors = missing
    .filter(({ name }) => !guarded.has(name) && !magic.includes(name) && !name.startsWith('ansible_'))
    .filter(({ name }) => !possible.includes(name))
    .map((use) => undefinedError(use, [...defined.keys(), ...magic]));
  // A member that is read alone and with its whole variable is missing once.
  return [...new Map(errors.map((error) => [JSON.stringify(error.where), error])).values()].sort(byPlace);
}

/** What is read of a variable's value: one member, as far as it is written down. */
function memberOf(located: Located, members: readonly (string | number)[]): Located {
  const { value, origin, path } = located;
  const [member, ...inner] = members;
  if (member === undefined || typeof value !== 'object' || value === null) return located;
  const key = Array.isArray(value) && Number(member) < 0 ? value.length + Number(member) : member;
  const item = Object.hasOwn(value, key) ? (value as Readonly<Record<string, unknown>>)[key] : undefined;
  return memberOf({ value: item, origin, path: [...path, key] }, inner);
}

function undefinedError({ name, line, column, text }: Use, candidates: readonly string[]): OrchError {
  return new OrchError({
    code: 'undefined-variable',
    summary: `nothing defines the variable "${name}"`,
    hint: didYouMean(name, candidates) ?? `give it by "vars:" or -e, or write "${name} | default(...)"`,
    where: text.origin.placeInText(text.path, line, column),
  });
}
