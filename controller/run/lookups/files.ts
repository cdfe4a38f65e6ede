import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { basename, dirname, isAbsolute, join } from 'node:path';
import { OrchError } from '../../../proto/errors.ts';
import { fromHome } from '../../source/from-home.ts';
import { readSourceFile } from '../../source/read-file.ts';
import { systemFault } from '../../source/system-fault.ts';
import { firstThere, use } from '../../source/used-files.ts';
import type { Lookup } from '../../template/types.ts';
import { isYes, lookupError } from './terms.ts';

/** A program of a lookup that takes longer hangs. */
const programMs = 60_000;
const outputBytes = 64 * 1024 * 1024;

/** Where a path may be: in each folder of the search path, its `files/` (or the like) first. */
export function places(path: string, kind: string, search: readonly string[]): readonly string[] {
  const written = fromHome(path);
  if (isAbsolute(written)) return [written];
  return search.flatMap((folder) => [join(folder, kind, written), join(folder, written)]);
}

/** What the system tells of a path; undefined where it does not. */
function told<T>(ask: () => T): T | undefined {
  try {
    return ask();
  } catch (error) {
    if (systemFault(error) === undefined) throw error;
    return undefined;
  }
}

function content(path: string, search: readonly string[], options: Readonly<Record<string, unknown>>): string {
  const found = firstThere(places(path, 'files', search));
  if (found === undefined) throw lookupError('file', `Unable to access the file '${path}': File not found.`);
  let text: string;
  try {
    text = readSourceFile(found);
  } catch (error) {
    if (error instanceof OrchError) throw lookupError('file', error.summary);
    throw error;
  }
  if (options.rstrip !== false) text = text.trimEnd();
  return options.lstrip === true ? text.trimStart() : text;
}

const hasWildcard = (path: string): boolean => /[*?[]/.test(path);

/** What a name must be to match `*`, `?` and `[abc]`; undefined where none can: `[z-a]`. */
function matcherOf(pattern: string): RegExp | undefined {
  const source = pattern.replace(/\*+/g, '*').replace(/\[!?[^\]]+\]|[\s\S]/g, (part) => {
    if (part === '*') return '.*';
    if (part === '?') return '.';
    if (part.length > 1) return part.replace(/^\[!/, '[^').replaceAll('\\', '\\\\');
    return part.replace(/[\\^$.|+(){}[\]/]/, '\\$&');
  });
  try {
    return new RegExp(`^${source.startsWith('\\.') ? '' : '(?!\\.)'}${source}$`, 's');
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** What matches in any part of a path. */
function matching(pattern: string): string[] {
  const [folder, last] = [dirname(pattern), basename(pattern)];
  const folders = hasWildcard(folder) ? matching(folder) : [folder];
  if (!hasWildcard(last)) return folders.map((path) => join(path, last)).filter((path) => existsSync(path));
  const matcher = matcherOf(last);
  return folders.flatMap((path) =>
    (told(() => readdirSync(use(path))) ?? [])
      .filter((name) => matcher?.test(name))
      .sort()
      .map((name) => join(path, name)),
  );
}

/** Files that match a pattern. */
export const glob = (pattern: string): string[] =>
  matching(pattern).filter((path) => told(() => statSync(path))?.isFile());

/** As in Ansible, the lookup knows wildcards in the last part only. */
function fileglob(pattern: string, search: readonly string[]): string[] {
  if (hasWildcard(dirname(pattern))) return [];
  return (
    places(pattern, 'files', search)
      .map(glob)
      .find((found) => found.length > 0) ?? []
  );
}

function texts(value: unknown, separators: RegExp): string[] {
  if (value === undefined || value === null) return [];
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  return list.flatMap((item) => String(item).split(separators)).map((text) => text.trim());
}

function firstNamed(names: readonly string[], kinds: readonly string[], search: readonly string[]): string | undefined {
  return firstThere(names.flatMap((name) => kinds.flatMap((kind) => places(name, kind, search))));
}

/** The first of several files that is there; terms are names, or mappings with `files`, `paths` and `skip`. `kind`: of a loop. */
function firstFound(
  terms: readonly unknown[],
  options: Readonly<Record<string, unknown>>,
  search: readonly string[],
): string[] {
  // What a mapping says counts for the names behind it, too.
  let said = options;
  const given = [...(options.files === undefined ? [] : [options]), ...terms.flat(Number.POSITIVE_INFINITY)];
  const names = given.flatMap((term): string[] => {
    const isMapping = typeof term === 'object' && term !== null;
    if (isMapping) said = term as Readonly<Record<string, unknown>>;
    const files = isMapping ? said.files : term;
    const folders = texts(said.paths, /[,:;]/);
    const named = texts(files, /[,;]/);
    if (folders.length === 0) return named;
    return folders.flatMap((folder) => (files === undefined ? [folder] : named.map((name) => join(folder, name))));
  });
  const kinds = ['files', 'templates', 'vars', 'tasks'];
  // Only a loop prefers the folders of a kind. Elsewhere they are what Ansible's documentation promises, where it finds nothing.
  const found =
    typeof options.kind === 'string'
      ? firstNamed(names, [options.kind], search)
      : (firstNamed(names, ['.'], search) ?? firstNamed(names, kinds, search));
  if (found !== undefined) return [found];
  if (isYes(said.skip)) return [];
  const hint = `none of these is there: ${names.join(', ')}; say "skip: true" where none need be`;
  throw lookupError('first_found', 'No file was found when using first_found.', hint);
}

function output(lookup: 'pipe' | 'lines', command: unknown, folder: string | undefined): string {
  try {
    return execFileSync('/bin/sh', ['-c', String(command)], {
      cwd: folder,
      timeout: programMs,
      killSignal: 'SIGKILL',
      maxBuffer: outputBytes,
      stdio: ['ignore', 'pipe', 'pipe'],
      encoding: 'utf8',
    });
  } catch (error) {
    const { status, stderr } = error as { status?: number | null; stderr?: string };
    const words = stderr?.trim();
    throw lookupError(lookup, `lookup_plugin.${lookup}(${command}) returned ${status ?? 'no status'}`, words);
  }
}

/** Lookups that read this workstation. `search`: folders in which relative paths are looked for, the playbook's last. */
export function fileLookups(search: () => readonly string[]): Readonly<Record<string, Lookup>> {
  return {
    env: (names, { default: otherwise = '' }) => names.map((name) => process.env[String(name)] ?? otherwise),
    file: (paths, options) => paths.map((path) => content(String(path), search(), options)),
    fileglob: (patterns) => patterns.flat().flatMap((pattern) => fileglob(String(pattern), search())),
    first_found: (terms, options) => firstFound(terms, options, search()),
  };
}

/** Lookups that run what the playbook's writer says, in the shell that they wrote it for. */
export function programLookups(search: () => readonly string[]): Readonly<Record<string, Lookup>> {
  return {
    pipe: (commands) => commands.map((command) => output('pipe', command, search().at(-1)).trimEnd()),
    lines: (commands) =>
      commands.flatMap((command) => output('lines', command, search().at(-1)).replace(/\n$/, '').split('\n')),
  };
}
