import { isDataMapping } from '../../template/python/atom.ts';
import { mapGet, mapKeys } from '../../template/python/mapping.ts';
import { toPlain } from '../../template/python/plain.ts';
import { findFirst } from '../../template/python/regex.ts';
import { isMapping } from '../../template/python/values.ts';
import type { Scope } from '../../template/types.ts';
import { lookupError, textOption } from './terms.ts';

type Options = Readonly<Record<string, unknown>>;

function matcher(pattern: string, type: unknown): (name: string) => boolean {
  if (type === 'prefix') return (name) => name.startsWith(pattern);
  if (type === 'suffix') return (name) => name.endsWith(pattern);
  return (name) => findFirst(pattern, name, { ignoreCase: false, multiline: false }, 'search') !== undefined;
}

/** Both, at any depth: lists one behind the other, and of two other values the later one, where that may be. */
function merged(before: unknown, after: unknown, override: string, path: string): unknown {
  if (Array.isArray(before) && Array.isArray(after)) return [...before, ...after];
  if (isDataMapping(before) && isDataMapping(after)) {
    const inner = Object.entries(after).map(([key, value]) => [
      key,
      Object.hasOwn(before, key) ? merged(before[key], value, override, `${path}.${key}`) : value,
    ]);
    return { ...before, ...Object.fromEntries(inner) };
  }
  if (override === 'error' && before !== after) {
    const name = path.split('.').at(-1);
    throw lookupError(
      'merge_variables',
      `The key '${name}' with value '${String(before)}' will be overwritten with value '${String(after)}' from '${path}'`,
    );
  }
  return after;
}

interface Variables {
  readonly names: Iterable<string>;
  readonly get: (name: string) => unknown;
}

const inside = (mapping: unknown): Variables => ({
  names: isMapping(mapping) ? mapKeys(mapping).map(String) : [],
  get: (name) => (isMapping(mapping) ? mapGet(mapping, name) : undefined),
});

/** Those of the host itself; with groups those of every host that is in one of them, as `hostvars` has them. */
function variablesFor(groups: unknown, scope: Scope): readonly Variables[] {
  if (groups === undefined || groups === null) return [{ names: scope.names(), get: (name) => scope.get(name) }];
  const asked = new Set([groups].flat().map(String));
  const hosts = inside(scope.get('hostvars'));
  return [...hosts.names]
    .map((name) => inside(hosts.get(name)))
    .filter(
      ({ get }) => asked.has('all') || [toPlain(get('group_names'))].flat().some((name) => asked.has(String(name))),
    );
}

/** All variables whose names fit a pattern, in the order of their names, made one. */
export function mergeVariables(term: unknown, options: Options, scope: Scope): unknown {
  const override = textOption(options.override, 'error');
  if (!['error', 'ignore', 'warn'].includes(override))
    throw lookupError('merge_variables', `override must be one of: error, warn, ignore, got: ${override}`);
  const fits = matcher(String(term), options.pattern_type);
  const parts = variablesFor(options.groups, scope).flatMap(({ names, get }) =>
    [...new Set(names)]
      .filter(fits)
      .sort()
      .map((name) => ({ name, value: toPlain(get(name)) })),
  );
  const start = options.initial_value ?? null;
  const kinds = new Set([...parts.map(({ value }) => value), ...(start === null ? [] : [start])].map(kindOf));
  if (kinds.size > 1) throw lookupError('merge_variables', 'Unable to merge, not all variables are of the same type');
  if (parts.length > 0 && kinds.has('other'))
    throw lookupError('merge_variables', 'Unable to merge, only lists and mappings can be');
  return parts.reduce<unknown>(
    (all, { name, value }) => (all === null ? value : merged(all, value, override, name)),
    start,
  );
}

function kindOf(value: unknown): 'list' | 'mapping' | 'other' {
  return Array.isArray(value) ? 'list' : isDataMapping(value) ? 'mapping' : 'other';
}
