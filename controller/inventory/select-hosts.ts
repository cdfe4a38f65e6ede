import { globPattern } from '../../agent/modules/shared/glob.ts';
import { OrchError } from '../../proto/errors.ts';
import { findFirst, RegexProblem } from '../../proto/regex.ts';
import type { Located } from '../source/located.ts';
import { readSourceFile } from '../source/read-file.ts';
import { suggest } from '../template/suggest.ts';
import { type PatternTerm, parsePattern, splitTerms } from './host-pattern.ts';
import { type Inventory, type InventoryHost, localhosts } from './types.ts';

export interface SelectedHosts {
  /** In the order in which the pattern names them. */
  readonly hosts: readonly string[];
  readonly errors: readonly OrchError[];
  /** Names and patterns that nothing has. */
  readonly unmatched: readonly string[];
  /** Those that are certainly mistakes: a name that is much like another one, what can't be read. */
  readonly mistakes: readonly OrchError[];
}

/** Hosts that a hint lists. */
const mostShown = 12;

/** The host of a name; `localhost` need not stand in the inventory, nor its addresses. */
export function hostOf(inventory: Inventory, name: string): InventoryHost | undefined {
  return inventory.hosts.get(name) ?? (localhosts.has(name) ? inventory.localhost() : undefined);
}

/** `*`, `?` and `[abc]` as in file names; `~` starts one of Python's regular expressions. What it gives is found at the start of a name. */
function matcher(name: string): string | undefined {
  if (name.startsWith('~')) return name.slice(1);
  return /[*?[]/.test(name) ? globPattern(name) : undefined;
}

function byMatch(inventory: Inventory, pattern: string): string[] {
  const fits = (name: string) =>
    findFirst(pattern, name, { ignoreCase: false, multiline: false }, 'match') !== undefined;
  const groups = [...inventory.groups.values()].filter(({ name }) => fits(name));
  const hosts = [...inventory.hosts.keys()].filter(fits);
  return [...new Set([...groups.flatMap((group) => group.hosts), ...hosts])];
}

/** Hosts of one term; undefined when nothing has that name. */
function termHosts(inventory: Inventory, { kind, name, slice, glob }: PatternTerm): readonly string[] | undefined {
  // As in Ansible, of a host and a group with one name the host is added.
  if (kind === 'add' && !slice && inventory.hosts.has(name)) return [name];
  const hosts = named(inventory, name);
  if (!hosts && glob !== undefined) return named(inventory, glob);
  if (!hosts || !slice) return hosts;
  if (slice.from < 0) return hosts.slice(slice.from, slice.from + 1 || undefined);
  return hosts.slice(slice.from, slice.to === undefined ? undefined : slice.to + 1);
}

function named(inventory: Inventory, name: string): readonly string[] | undefined {
  const group = inventory.groups.get(name);
  if (group) return group.hosts;
  if (inventory.hosts.has(name)) return [name];
  if (localhosts.has(name)) return [inventory.localhost(name).name];
  const pattern = matcher(name);
  return pattern === undefined ? undefined : byMatch(inventory, pattern);
}

/** `near`: the name that was probably meant. */
function unknown(
  inventory: Inventory,
  term: PatternTerm,
  pattern: Located<string>,
  near: string | undefined,
): OrchError {
  return new OrchError({
    code: 'unknown-host',
    summary: `no host or group "${term.name}" in the inventory ${inventory.source}`,
    hint: near === undefined ? knownText([...inventory.hosts.keys()]) : `did you mean '${near}'?`,
    where: pattern.origin.placeInText(pattern.path, 1, term.at + 1),
  });
}

/** Of a place that a group of hosts does not have: as in Ansible an error, where a range may leave nothing. */
function beyond({ name, slice, at }: PatternTerm, pattern: Located<string>): OrchError {
  return new OrchError({
    code: 'unknown-host',
    summary: `No hosts matched the subscripted pattern '${name}[${slice?.from}]'`,
    where: pattern.origin.placeInText(pattern.path, 1, at + 1),
  });
}

function knownText(hosts: readonly string[]): string {
  const shown = hosts.slice(0, mostShown);
  const rest = hosts.length - shown.length;
  return hosts.length === 0 ? 'it has no hosts' : `it has ${shown.join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
}

function invalid(term: PatternTerm, pattern: Located<string>, error: RegexProblem): OrchError {
  return new OrchError({
    code: 'invalid-option',
    summary: `"${term.name}" is no regular expression that can be used`,
    hint: error.hint,
    where: pattern.origin.placeInText(pattern.path, 1, term.at + 1),
  });
}

/**
 * Hosts that a pattern names: `all`, names, globs, `~regex`, `group[0:2]`, between `,` or `:`; `&` keeps, `!` drops.
 * A pattern that only keeps and drops starts from all hosts.
 */
export function matchHosts(inventory: Inventory, pattern: Located<string>): SelectedHosts {
  const errors: OrchError[] = [];
  const mistakes: OrchError[] = [];
  const unmatched: string[] = [];
  const sets: Record<PatternTerm['kind'], Set<string>[]> = { add: [], keep: [], drop: [] };
  for (const term of parsePattern(pattern.value, (name) => inventory.hosts.has(name))) {
    try {
      const hosts = termHosts(inventory, term);
      sets[term.kind].push(new Set(hosts));
      if (hosts?.length === 0 && matcher(term.name) !== undefined) unmatched.push(term.name);
      if (hosts?.length === 0 && term.slice?.isPlace && termHosts(inventory, { ...term, slice: undefined })?.length) {
        const error = beyond(term, pattern);
        errors.push(error);
        mistakes.push(error);
      }
      if (hosts) continue;
      const near = suggest(term.name, [...inventory.groups.keys(), ...inventory.hosts.keys()]);
      const error = unknown(inventory, term, pattern, near);
      errors.push(error);
      unmatched.push(term.name);
      if (near !== undefined) mistakes.push(error);
    } catch (failure) {
      if (!(failure instanceof RegexProblem)) throw failure;
      const error = invalid(term, pattern, failure);
      errors.push(error);
      mistakes.push(error);
    }
  }
  const all = inventory.groups.get('all')?.hosts ?? [];
  const added = new Set(sets.add.length > 0 ? sets.add.flatMap((set) => [...set]) : all);
  const hosts = [...added].filter(
    (name) => sets.keep.every((set) => set.has(name)) && !sets.drop.some((set) => set.has(name)),
  );
  return { hosts, errors, unmatched, mistakes };
}

/** Replaces every `@file` of a limit by the patterns of that file's lines. Throws OrchError file-not-found. */
export function expandLimit(limit: string): string {
  const terms = splitTerms(limit).map(({ text }) => text.trim());
  if (!terms.some((term) => term.startsWith('@'))) return limit;
  return terms
    .flatMap((term) => {
      if (!term.startsWith('@')) return [term];
      return readSourceFile(term.slice(1))
        .split('\n')
        .map((line) => line.replace(/#.*/, '').trim());
    })
    .filter((term) => term !== '')
    .join(',');
}
