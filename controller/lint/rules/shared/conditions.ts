import type { Mapping } from '../../../playbook/parse/fields.ts';
import type { Located } from '../../../source/located.ts';
import { child, items } from '../../../source/origins.ts';

/** The texts of one keyword: a text, or a list of them. */
export function textsAt(mapping: Located<Mapping>, key: string): readonly Located<string>[] {
  const said = child(mapping, key);
  if (!said) return [];
  const all = Array.isArray(said.value) ? items({ ...said, value: said.value }) : [said];
  return all.flatMap((one) => (typeof one.value === 'string' ? [{ ...one, value: one.value }] : []));
}

/** All expressions of a task that hold or don't. */
export function conditionsOf(mapping: Located<Mapping>): readonly Located<string>[] {
  return ['when', 'changed_when', 'failed_when', 'until'].flatMap((key) => textsAt(mapping, key));
}
