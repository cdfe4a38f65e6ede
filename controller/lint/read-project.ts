import { dirname, extname, resolve } from 'node:path';
import type { ParseDeps } from '../playbook/parse/context.ts';
import { parsePlaybook } from '../playbook/parse/parse-playbook.ts';
import { loadYaml } from '../source/load-yaml.ts';
import type { Located } from '../source/located.ts';
import { SourceText } from '../source/place.ts';
import { wasVaulted } from '../vault/vault.ts';
import type { KnownTask } from './known-tasks.ts';
import type { LintTarget } from './lint-targets.ts';
import type { Project, ProjectFile } from './project.ts';
import { mappingsIn, tasksOf } from './read-tasks.ts';

/** Extensions of YAML; defaults/main and the like may have none. */
const yamlNames = new Set(['.yml', '.yaml', '']);

/** Reads what playbooks lead to, as it is written. What is no YAML is passed over: loading says so. */
export function readProject(targets: readonly LintTarget[], deps: ParseDeps, known: readonly KnownTask[]): Project {
  // By their whole names: a playbook and the folder that it is in may lead to a file by two.
  const texts = new Map<string, { readonly path: string; readonly text: string }>();
  const readFile = (path: string) => {
    const text = deps.readFile(path);
    const whole = resolve(path);
    if (yamlNames.has(extname(path)) && !wasVaulted(path) && !texts.has(whole)) texts.set(whole, { path, text });
    return text;
  };
  for (const { file, text } of targets)
    parsePlaybook(file, { ...deps, readFile: (path) => (path === file && text !== undefined ? text : readFile(path)) });
  const files = [...texts.values()].flatMap(({ path, text }) => fileOf(path, text) ?? []);
  const plays = files.filter(({ kind }) => kind === 'plays').flatMap(({ root }) => mappingsIn(root));
  return { files, plays, tasks: files.flatMap(tasksOf), known };
}

function fileOf(path: string, text: string): ProjectFile | undefined {
  const [root] = loadYaml(text, path).documents;
  return root && { source: new SourceText(path, text), kind: kindOf(path, root), root };
}

function kindOf(path: string, root: Located): ProjectFile['kind'] {
  const folder = /[^/]*$/.exec(dirname(path))?.[0];
  if (!Array.isArray(root.value)) return folder === 'meta' ? 'meta' : 'vars';
  const isPlay = ({ value }: ReturnType<typeof mappingsIn>[number]) =>
    ['hosts', 'import_playbook', 'ansible.builtin.import_playbook'].some((key) => Object.hasOwn(value, key));
  if (mappingsIn(root).some(isPlay)) return 'plays';
  return folder === 'handlers' ? 'handlers' : 'tasks';
}
