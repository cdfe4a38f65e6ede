import { isMappingAt } from '../../playbook/parse/fields.ts';
import type { Located } from '../../source/located.ts';
import { child } from '../../source/origins.ts';
import { at, defineRule, type Finding } from './rule.ts';

/** Names that Ansible gives values to, or that mean something else in a play. */
const reserved: ReadonlySet<string> = new Set([
  ...['environment', 'gather_facts', 'group_names', 'groups', 'hosts', 'hostvars', 'inventory_dir', 'inventory_file'],
  ...[
    'inventory_hostname',
    'inventory_hostname_short',
    'name',
    'omit',
    'play_hosts',
    'playbook_dir',
    'port',
    'register',
  ],
  ...['role_name', 'role_path', 'roles', 'tags', 'tasks', 'vars', 'when'],
]);

export const rule = defineRule({
  name: 'var-naming',
  summary: 'Variables have lower-case names that mean nothing else.',
  find: ({ files, plays, tasks }) => [
    ...files.flatMap(({ kind, root }) => (kind === 'vars' ? keysOf(root) : [])),
    ...plays.flatMap((play) => keysOf(child(play, 'vars'))),
    ...tasks.flatMap(({ mapping, module, said }) => {
      const register = child(mapping, 'register');
      return [
        ...keysOf(child(mapping, 'vars')),
        ...(module === 'set_fact' ? keysOf(said).filter(({ message }) => !/cacheable/.test(message)) : []),
        ...(register && typeof register.value === 'string' ? about(register.value, register, 'value') : []),
      ];
    }),
  ],
});

function keysOf(vars: Located | undefined): readonly Finding[] {
  if (!vars || !isMappingAt(vars)) return [];
  return Object.keys(vars.value).flatMap((name) => about(name, { ...vars, path: [...vars.path, name] }, 'key'));
}

function about(name: string, named: Located, side: 'key' | 'value'): readonly Finding[] {
  if (/\{\{/.test(name)) return [at(named, 'A name of a variable is no template.', side, 'no-jinja')];
  if (reserved.has(name)) return [at(named, `"${name}" means something else already.`, side, 'no-reserved')];
  if (/^[a-z_][a-z0-9_]*$/.test(name)) return [];
  return [at(named, `"${name}" is not of lower-case letters, digits and _.`, side, 'pattern')];
}
