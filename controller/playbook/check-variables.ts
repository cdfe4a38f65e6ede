import { OrchError } from '../../proto/errors.ts';
import { byPlace } from '../source/load-yaml.ts';
import { didYouMean } from '../template/suggest.ts';
import type { Catalog } from './catalog.ts';
import type { Playbook, Vars } from './types.ts';
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
];

/**
 * Variables that a playbook reads and that nothing can define: no vars, no file, no inventory, no option, no register,
 * no set_fact, no loop. Silent where only the run can know (a file named by a template), where a text asks
 * `is defined` or has a default, and where an error is ignored or rescued.
 *
 * @param given variables of the inventory's hosts and of `-e`
 * @param possible names that may be defined in what could not be read
 */
export function checkVariables(
  playbook: Playbook,
  given: Iterable<Vars>,
  catalog: Catalog,
  possible: readonly string[] = [],
): OrchError[] {
  const collector = new VariableCollector(catalog);
  for (const vars of new Set(given)) collector.vars(vars);
  for (const play of playbook.plays) collector.play(play);
  const { defined, uses, guarded, open } = collector.found;
  if (open) return [];
  const missing: Use[] = [];
  const followed = new Set<string>();
  // The value of a variable that is read is read as well.
  for (const use of uses) {
    if (followed.has(use.name)) {
      if (!defined.has(use.name)) missing.push(use);
      continue;
    }
    followed.add(use.name);
    const values = defined.get(use.name);
    if (!values) missing.push(use);
    else for (const value of values) uses.push(...usesOf(value, guarded));
  }
  return missing
    .filter(({ name }) => !guarded.has(name) && !magic.includes(name) && !name.startsWith('ansible_'))
    .filter(({ name }) => !possible.includes(name))
    .map((use) => undefinedError(use, [...defined.keys(), ...magic]))
    .sort(byPlace);
}

function undefinedError({ name, line, column, text }: Use, candidates: readonly string[]): OrchError {
  return new OrchError({
    code: 'undefined-variable',
    summary: `nothing defines the variable "${name}"`,
    hint: didYouMean(name, candidates) ?? `give it by "vars:" or -e, or write "${name} | default(...)"`,
    where: text.origin.placeInText(text.path, line, column),
  });
}
