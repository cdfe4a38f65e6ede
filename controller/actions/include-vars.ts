import { readdirSync } from 'node:fs';
import { basename, extname, join } from 'node:path';
import * as z from 'zod';
import { OrchError } from '../../proto/errors.ts';
import { findFirst } from '../../proto/regex.ts';
import { parseVarsText } from '../playbook/parse/vars-file.ts';
import type { Vars } from '../playbook/types.ts';
import type { Located } from '../source/located.ts';
import { isFolder, readSourceFile } from '../source/read-file.ts';
import { use } from '../source/used-files.ts';
import { type ActionContext, defineAction } from './action.ts';

const params = z.strictObject({
  file: z.string().optional().describe('File of variables.'),
  free_form: z.string().optional().describe('The same as file.'),
  dir: z.string().optional().describe('Folder: all its files are read, in the order of their names.'),
  name: z.string().optional().describe('Variable that takes all of them as a mapping.'),
  depth: z.int().min(0).optional().describe('With dir: levels of folders; 0: all.'),
  files_matching: z.string().optional().describe('With dir: only names that match this regular expression.'),
  ignore_files: z
    .union([z.string(), z.array(z.string())])
    .optional()
    .describe('With dir: regular expressions of names to pass over, to their ends; a text has them between blanks.'),
  extensions: z.array(z.string()).optional().describe('With dir: endings of names; default: yaml, yml, json.'),
  ignore_unknown_extensions: z.boolean().optional().describe('With dir: pass over files of other endings.'),
  hash_behaviour: z.enum(['replace', 'merge']).optional().describe('Merge mappings into those that are there.'),
});
type Params = z.infer<typeof params>;

const yamlEndings = ['yaml', 'yml', 'json'];

/** What says which files of a folder are read. */
const ofFolders = [
  'dir',
  'depth',
  'files_matching',
  'ignore_files',
  'extensions',
  'ignore_unknown_extensions',
] as const;

/** Folders from one on, so many levels of them, in the order of their whole paths. Links to folders are followed. */
function foldersFrom(folder: string, levels: number): string[] {
  if (levels === 0) return [];
  const inside = readdirSync(folder).map((name) => join(folder, name));
  return [folder, ...inside.filter(isFolder).flatMap((path) => foldersFrom(path, levels - 1))].sort();
}

/** Files below a folder, each folder's own by their names. */
function filesBelow(folder: string, levels: number): string[] {
  const filesOf = (each: string) =>
    readdirSync(use(each))
      .sort()
      .map((name) => join(each, name));
  return foldersFrom(folder, levels).flatMap((each) => filesOf(each).filter((path) => !isFolder(path)));
}

/** Files of `dir` that are read. Throws OrchError for one whose ending is not known. */
function chosen(
  folder: string,
  { depth = 0, files_matching, ignore_files, extensions = yamlEndings, ignore_unknown_extensions }: Params,
) {
  const finds = (pattern: string, name: string): boolean =>
    findFirst(pattern, name, { ignoreCase: false, multiline: false }, 'search') !== undefined;
  const ignored = typeof ignore_files === 'string' ? ignore_files.split(/\s+/).filter(Boolean) : (ignore_files ?? []);
  return filesBelow(folder, depth === 0 ? Number.POSITIVE_INFINITY : depth).filter((path) => {
    const name = basename(path);
    if (ignored.some((pattern) => finds(`${pattern}$`, name))) return false;
    if (files_matching !== undefined && !finds(files_matching, name)) return false;
    if (extensions.includes(extname(name).slice(1))) return true;
    if (ignore_unknown_extensions) return false;
    throw new OrchError({
      code: 'invalid-parameter',
      summary: `${path} does not have a valid extension: ${extensions.join(', ')}`,
    });
  });
}

/** Throws the first thing that is wrong with a file. */
function readVars(path: string): Vars {
  const { vars, errors } = parseVarsText(readSourceFile(path), path);
  if (errors[0]) throw errors[0];
  return vars;
}

/** The files that are asked for, and what they say. Throws OrchError with what the task's result has of it. */
function readAll(given: Params, { findSource, at }: ActionContext): { files: string[]; all: Map<string, Located> } {
  const all = new Map<string, Located>();
  const named = given.file ?? given.free_form;
  try {
    if (named === undefined ? given.dir === undefined : ofFolders.some((name) => given[name] !== undefined)) {
      const summary =
        named === undefined
          ? 'Could not find file on the Ansible Controller: include_vars needs a file or a dir'
          : 'You are mixing file only and dir only arguments, these are incompatible';
      throw new OrchError({ code: 'invalid-parameter', summary, where: at });
    }
    const files =
      given.dir === undefined
        ? [findSource((named ?? '').replace(/\n+$/, ''), 'vars')]
        : chosen(findSource(given.dir, 'vars'), given);
    for (const file of files) for (const [name, value] of readVars(file)) all.set(name, value);
    return { files, all };
  } catch (error) {
    if (!(error instanceof OrchError)) throw error;
    const result = { ansible_facts: {}, ansible_included_var_files: [], message: error.summary };
    throw new OrchError({ ...error, summary: error.summary, result });
  }
}

function plain(vars: Vars): Record<string, unknown> {
  return Object.fromEntries([...vars].map(([name, { value }]) => [name, value]));
}

export const action = defineAction({
  name: 'include_vars',
  summary: 'Variables of a host from files, for the rest of the run.',
  notes:
    "Relative paths are looked for in the role's `vars/`, in `vars/` beside the task's file, and beside the playbook.",
  examples: ['include_vars: "{{ ansible_distribution }}.yml"', 'include_vars:\n  dir: vars/all\n  name: settings'],
  params,
  freeForm: 'free_form',
  local: true,
  run: async (given, context) => {
    const { files, all } = readAll(given, context);
    const [first] = all.values();
    const vars: Vars =
      given.name === undefined
        ? all
        : new Map([[given.name, { value: plain(all), origin: first?.origin ?? context.origin, path: [] }]]);
    context.setVars(vars, given.hash_behaviour === 'merge');
    return { status: 'ok', result: { ansible_facts: plain(vars), ansible_included_var_files: files } };
  },
});
