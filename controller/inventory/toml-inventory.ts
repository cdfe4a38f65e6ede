import { loadToml } from '../source/load-toml.ts';
import type { Draft } from './draft.ts';
import { readGroups } from './yaml-inventory.ts';

/** Reads an inventory in TOML: as one in YAML, but that `children` is a list. Throws OrchError for what is no TOML. */
export function readTomlInventory(text: string, file: string, draft: Draft): void {
  const root = loadToml(text, file);
  const groups = Object.entries(root.value).map(([name, group]): [string, unknown] => [name, withChildren(group)]);
  readGroups({ ...root, value: Object.fromEntries(groups) }, draft);
}

function withChildren(group: unknown): unknown {
  if (typeof group !== 'object' || group === null || Array.isArray(group)) return group;
  const { children, ...rest } = group as Readonly<Record<string, unknown>>;
  if (children === undefined) return rest;
  const named = Array.isArray(children) ? Object.fromEntries(children.map((name) => [String(name), null])) : children;
  return { ...rest, children: named };
}
