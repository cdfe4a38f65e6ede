import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { OrchError } from '../../proto/errors.ts';
import { loadYaml } from '../source/load-yaml.ts';
import { isFolder } from '../source/read-file.ts';
import { mappingsIn } from './read-tasks.ts';

/** A playbook to look at. `text`: it stands in no file, but leads to a role or tasks that do; itself it is not looked at. */
export interface LintTarget {
  readonly file: string;
  readonly text?: string;
}

/**
 * What words of a command line stand for: playbooks as such, a file of tasks or a role as a play that has them, any other
 * folder as the playbooks in it and below its `playbooks`, and the roles in it and in its `roles`. Throws OrchError for a
 * folder with neither.
 */
export function lintTargets(words: readonly string[]): readonly LintTarget[] {
  return words.flatMap((word) => (isFolder(word) ? inFolder(word) : [ofFile(word)]));
}

function inFolder(folder: string): readonly LintTarget[] {
  const playbooks = [...yamlFiles(folder, false), ...yamlFiles(join(folder, 'playbooks'), true)].filter(
    (file) => kindOf(file) === 'plays',
  );
  if (playbooks.length === 0 && isRole(folder)) return [ofRole(folder)];
  const roles = [folder, join(folder, 'roles')].flatMap((each) => inside(each).filter(isRole));
  if (playbooks.length + roles.length > 0)
    return [...playbooks.map((file) => ({ file })), ...roles.map((role) => ofRole(role))];
  throw new OrchError({
    code: 'file-not-found',
    summary: `there is no playbook and no role in "${folder}"`,
    hint: 'Playbooks are looked for in the folder itself and below playbooks/, roles in roles/.',
  });
}

function ofFile(file: string): LintTarget {
  if (kindOf(file) !== 'tasks') return { file };
  const folder = basename(dirname(resolve(file)));
  const role = join(dirname(file), '..');
  if ((folder === 'tasks' || folder === 'handlers') && isRole(role)) return ofRole(role, folder, basename(file));
  return madeUp(dirname(file), { tasks: [{ import_tasks: basename(file) }] });
}

/** A role in a play beside its folder, so that it finds the others there, and its files are called as that folder is. */
function ofRole(role: string, part = 'tasks', file = 'main'): LintTarget {
  const beside = join(role, '..');
  const isAmongRoles = basename(resolve(beside)) === 'roles';
  const asked = { name: basename(resolve(role)), [`${part}_from`]: file };
  return madeUp(isAmongRoles ? join(beside, '..') : beside, { tasks: [{ import_role: asked }] });
}

const madeUp = (folder: string, play: object): LintTarget => ({
  file: join(folder, 'orch-lint.yml'),
  text: JSON.stringify([{ hosts: 'localhost', ...play }]),
});

/** What only plays have. */
const ofPlays = [
  ...['hosts', 'import_playbook', 'ansible.builtin.import_playbook', 'roles', 'tasks', 'pre_tasks', 'post_tasks'],
  ...['gather_facts', 'serial', 'strategy', 'vars_files', 'vars_prompt'],
];

/** What a file holds by the look of it; undefined: neither. What can't be read or is no YAML may be a playbook. */
function kindOf(file: string): 'plays' | 'tasks' | undefined {
  try {
    const text = readFileSync(file, 'utf8');
    if (text.startsWith('$ANSIBLE_VAULT')) return undefined;
    const { documents, errors } = loadYaml(text, file);
    if (errors.length > 0) return 'plays';
    const entries = mappingsIn(documents[0]);
    if (entries.length === 0) return undefined;
    return entries.some(({ value }) => ofPlays.some((key) => Object.hasOwn(value, key))) ? 'plays' : 'tasks';
  } catch {
    return 'plays';
  }
}

/** What is in a folder and not hidden, sorted; of what is none nothing. */
const inside = (folder: string): readonly string[] =>
  isFolder(folder)
    ? readdirSync(folder)
        .filter((name) => !name.startsWith('.'))
        .sort()
        .map((name) => join(folder, name))
    : [];

const isRole = (folder: string): boolean =>
  ['tasks', 'handlers', 'defaults', 'meta'].some((part) =>
    inside(join(folder, part)).some((file) => /^main(\.ya?ml)?$/.test(basename(file))),
  );

function yamlFiles(folder: string, deep: boolean): readonly string[] {
  return inside(folder).flatMap((path) => {
    if (isFolder(path)) return deep && basename(path) !== 'roles' ? yamlFiles(path, deep) : [];
    return /\.ya?ml$/.test(path) ? [path] : [];
  });
}
