import { describe } from '../playbook/values/describe.ts';
import { templateErrors } from '../playbook/values/template-check.ts';
import { loadYaml } from '../source/load-yaml.ts';
import type { Located } from '../source/located.ts';
import { didYouMean } from '../template/suggest.ts';
import type { Draft, DraftGroup } from './draft.ts';
import { isPluginFile, readPluginFile } from './plugin-file.ts';

const groupKeys = ['hosts', 'children', 'vars'];

/** The entries of a mapping or of nothing; undefined after an error. */
function entriesOf(located: Located, what: string, draft: Draft, hint?: string): [string, Located][] {
  const { value, origin, path } = located;
  if (value === null) return [];
  if (typeof value !== 'object' || Array.isArray(value)) {
    draft.error(located, `${what} must be a mapping, not ${describe(value)}`, hint);
    return [];
  }
  return Object.entries(value).map(([key, item]) => [key, { value: item, origin, path: [...path, key] }]);
}

/** Hosts or groups, as keys; one alone may be a text. */
function namesOf(located: Located, what: string, draft: Draft, hint: string): [string, Located][] {
  const { value } = located;
  if (typeof value === 'string') return [[value, { ...located, value: null }]];
  return entriesOf(located, what, draft, hint);
}

function readGroup(name: string, located: Located, parent: DraftGroup | undefined, draft: Draft): void {
  const group = draft.namedGroup(name, located, 'key');
  if (!group) return;
  if (parent) draft.addChild(parent, group, located, 'key');
  for (const [key, part] of entriesOf(located, `group "${name}"`, draft)) {
    if (key === 'hosts') {
      for (const [entry, host] of namesOf(part, '"hosts"', draft, 'write each host as a key: "vm01:"')) {
        draft.addHosts(entry, entriesOf(host, `host "${entry}"`, draft), group, host, 'key');
      }
    } else if (key === 'children') {
      for (const [child, inner] of namesOf(part, '"children"', draft, 'write each group as a key: "web:"')) {
        readGroup(child, inner, group, draft);
      }
    } else if (key === 'vars') {
      for (const [variable, value] of entriesOf(part, '"vars"', draft)) draft.setVar(group, variable, value);
    } else {
      const hint = didYouMean(key, groupKeys) ?? 'a group has hosts, children and vars';
      draft.error(part, `group "${name}" has no keyword "${key}"`, hint, 'key');
    }
  }
}

/** Reads an inventory in YAML or JSON: groups with hosts, children and vars; or the settings of the plugin that makes them. */
export function readYamlInventory(text: string, file: string, draft: Draft): void {
  const { documents, errors } = loadYaml(text, file);
  draft.errors.push(...errors);
  const [root] = documents;
  if (!root) return;
  if (isPluginFile(root)) {
    readPluginFile(root, draft);
    return;
  }
  readGroups(root, draft);
}

/** Reads groups by name, as a mapping of data has them. */
export function readGroups(root: Located, draft: Draft): void {
  draft.errors.push(...templateErrors(root));
  for (const [name, group] of entriesOf(root, 'an inventory', draft)) readGroup(name, group, undefined, draft);
}
