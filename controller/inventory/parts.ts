import { describe } from '../playbook/values/describe.ts';
import type { Located } from '../source/located.ts';
import { child } from '../source/origins.ts';
import type { Draft } from './draft.ts';

/** Parts of a mapping that stands at `key`; none after an error. */
export function partsAt(root: Located, key: string, draft: Draft): [string, Located][] {
  const field = child(root, key);
  if (!field || field.value === null) return [];
  if (typeof field.value !== 'object' || Array.isArray(field.value)) {
    draft.error(field, `"${key}" must be a mapping, not ${describe(field.value)}`);
    return [];
  }
  return Object.keys(field.value).map((name): [string, Located] => [name, child(field, name) ?? field]);
}
