import { placeOf } from '../../source/origins.ts';
import type { Catalog } from '../catalog/catalog.ts';
import { keywords } from '../keywords/keywords.ts';
import type { Playbook, Vars } from '../types.ts';
import { VariableCollector } from './variable-uses.ts';

/** Keywords that Ansible does not take for reserved, or has not. */
const free: ReadonlySet<string> = new Set(['vars', 'user', 'listen', 'lab', 'persist', 'gather_subset']);
/** What templates have under these names. */
const globals = [
  'lookup',
  'query',
  'q',
  'now',
  'undef',
  'omit',
  'range',
  'dict',
  'lipsum',
  'cycler',
  'joiner',
  'namespace',
];

const reserved: ReadonlySet<string> = new Set([
  ...[...keywords.play, ...keywords.block, ...keywords.task].filter(
    (name) => !free.has(name) && !name.startsWith('with_'),
  ),
  ...globals,
]);

/** Warnings of variables that a playbook, its roles and `-e` define under the names of keywords. */
export function reservedNames(playbook: Playbook, extra: Vars, catalog: Catalog): string[] {
  const collector = new VariableCollector(catalog);
  collector.vars(extra);
  for (const play of playbook.plays) collector.play(play);
  return [...collector.found.defined].flatMap(([name, [first]]) => {
    if (!reserved.has(name)) return [];
    const at = first && placeOf(first);
    return [`Found variable using reserved name '${name}'${at ? ` (${at.file}:${at.line}:${at.column})` : ''}.`];
  });
}
