import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { OrchError } from '../../../proto/errors.ts';
import { candidates, type FileKind, includeCandidates } from '../../playbook/parse/context.ts';
import { type ParsedTasks, parseRole, parseTasks } from '../../playbook/parse/parse-playbook.ts';
import { selectEntries, type TagSelection } from '../../playbook/plays/select-tags.ts';
import type { Entry, LoadedRole, ModuleDefaults, RoleFiles, Standing, Vars } from '../../playbook/types.ts';
import { largeFile } from '../../source/large-file.ts';
import { optionText } from '../../source/origins.ts';
import { firstThere } from '../../source/used-files.ts';
import { isVault } from '../../vault/cipher.ts';
import { openFile } from '../../vault/vault.ts';
import type { RunContext, SearchFrom, TagsAround } from '../state.ts';
import { parseDeps } from './parse-deps.ts';
import { withTags } from './render-tags.ts';

/** Reads files of tasks and roles for includes, each once, and leaves what the selection of tags leaves. */
export function includes(selection: TagSelection, extraVars: Vars): Pick<RunContext, 'includeTasks' | 'includeRole'> {
  const left = (entries: readonly Entry[], tags: TagsAround | undefined) =>
    tags
      ? selectEntries(
          withTags(entries, () => tags.render),
          selection,
          tags.said,
        )
      : entries;
  const files = new Readings<Omit<ParsedTasks, 'errors'>>();
  const roles = new Readings<LoadedRole>();
  return {
    includeTasks: (path, standing, tags) => {
      const places = includeCandidates(path, standing).map((each) => resolve(each));
      const file = firstThere(places) ?? places[0] ?? path;
      const { entries, roles: imported } = files.of(standing, [file], () => {
        const { errors, ...tasks } = parseTasks(file, parseDeps(extraVars), standing);
        refuse(errors, file);
        return tasks;
      });
      return { from: file, imported, entries: left(entries, tags) };
    },
    includeRole: (name, from, standing, tags) => {
      const said = Object.values(from).map((each) => (typeof each === 'object' ? each.value : each));
      const role = roles.of(standing, [standing.file, name, said], () => readRole(name, from, standing, extraVars));
      return { from: name, role, entries: left([role.block], tags) };
    },
  };
}

/** What was read, which is another thing where other defaults of modules, or collections, are in force. */
class Readings<T> {
  readonly #known = new WeakMap<ModuleDefaults, Map<string, T>>();

  of({ moduleDefaults, rolePath, playbookDir, collections }: Standing, asked: readonly unknown[], make: () => T): T {
    const known = this.#known.get(moduleDefaults) ?? new Map<string, T>();
    this.#known.set(moduleDefaults, known);
    const key = JSON.stringify([rolePath, playbookDir, collections, asked]);
    const value = known.get(key) ?? make();
    known.set(key, value);
    return value;
  }
}

function readRole(name: string, from: Omit<RoleFiles, 'public'>, standing: Standing, extraVars: Vars): LoadedRole {
  const located = optionText('include_role', name);
  // Whether it is public is asked where it is reached.
  const files = { ...from, public: true };
  const request = { name: located, common: undefined, files, unchecked: from.unchecked };
  const { role, errors } = parseRole(request, parseDeps(extraVars), standing);
  refuse(errors, `role "${name}"`);
  if (!role) throw new OrchError({ code: 'file-not-found', summary: `There is no role "${name}".` });
  return role;
}

/** Throws the first of what is wrong with a file. */
function refuse(errors: readonly OrchError[], file: string): void {
  const [first, ...more] = errors;
  if (!first) return;
  const detail = [first.detail ?? [], more.length > 0 ? `and ${more.length} more errors in ${file}` : []].flat();
  throw new OrchError({
    code: first.code,
    summary: first.summary,
    detail: detail.length > 0 ? detail.join('\n') : undefined,
    hint: first.hint,
    where: first.where,
  });
}

/** Where a source of a task may be, in order. */
function places(path: string, kind: FileKind, { file, roles }: SearchFrom, playbookDir: string): readonly string[] {
  const innermostFirst = [...roles].reverse();
  const inRoles = innermostFirst.flatMap((rolePath) =>
    candidates(path, kind, { file, playbookDir, rolePath }).slice(0, 2),
  );
  return [...new Set([...inRoles, ...candidates(path, kind, { file, playbookDir, rolePath: undefined })])];
}

/** Finds and reads sources of copy, template, include_vars and their like. */
export function sources(playbookDir: string): Pick<RunContext, 'findSource' | 'readSource' | 'openSource'> {
  const findSource: RunContext['findSource'] = (path, kind, from) => {
    const candidates = places(path, kind, from, playbookDir).map((each) => resolve(each));
    const found = firstThere(candidates);
    if (found !== undefined) return found;
    throw new OrchError({
      code: 'file-not-found',
      summary: `Could not find or access '${path}'\nSearched in:\n\t${candidates.join('\n\t')} on the Ansible Controller.\nIf you are using a module and expect the file to exist on the remote, see the remote_src option`,
    });
  };
  const read = async <T>(found: string, work: () => T): Promise<Awaited<T>> => {
    try {
      return await work();
    } catch (error) {
      if (error instanceof OrchError) throw error;
      throw new OrchError({
        code: 'file-not-found',
        summary: `Cannot read ${found}: ${String(error)}`,
        cause: error,
      });
    }
  };
  const readSource: RunContext['readSource'] = async (path, kind, from, decrypt = true) => {
    const found = findSource(path, kind, from);
    const content = await read(found, () => readFileSync(found));
    return { path: found, content: decrypt ? openFile(found, content) : content };
  };
  return {
    findSource,
    readSource,
    openSource: async (path, kind, from, decrypt = true) => {
      const found = findSource(path, kind, from);
      const large = await read(found, () => largeFile(found, (head) => decrypt && isVault(head)));
      return large === undefined ? readSource(path, kind, from, decrypt) : { path: found, large };
    },
  };
}
