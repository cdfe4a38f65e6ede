import { join, relative, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { lintTargets } from '../../controller/lint/lint-targets.ts';
import { loadProject } from '../../controller/lint/load-project.ts';
import { errorText } from '../../controller/report/error-text.ts';
import type { OrchError } from '../../proto/errors.ts';

const project = relative(process.cwd(), join(import.meta.dirname, 'roles'));
const web = ['meta', 'defaults', 'tasks', 'handlers'].map((part) => `roles/web/${part}/main.yml`);

/** Files that are looked at for one word of a command line. */
function lookedAt(word: string): readonly string[] {
  const errors: OrchError[] = [];
  const { files } = loadProject([join(project, word)], { inventories: [], extraVars: [] }, errors);
  expect(errors.map(errorText)).toEqual([]);
  return files.map(({ source }) => source.file.slice(project.length + 1));
}

test.each([
  ['', ['playbooks/deep/other.yml', 'shared/steps.yml', 'site.yml', ...web], 'a folder: its playbooks and roles'],
  ['roles', web, 'a folder of roles'],
  ['roles/web', web, 'a role'],
  ['roles/web/tasks/main.yml', web, 'tasks of a role'],
  ['roles/web/handlers/main.yml', web, 'handlers of a role'],
  ['shared/steps.yml', ['shared/steps.yml'], 'tasks by themselves, whatever their variables are'],
  ['site.yml', ['site.yml', ...web], 'a playbook'],
])('"%s" leads to %j: %s', (word, files) => {
  expect([...lookedAt(word)].sort()).toEqual([...files].sort());
});

test('a file that is led to by two names is looked at once', () => {
  const errors: OrchError[] = [];
  const words = [project, join(resolve(project), 'site.yml')];
  const { files } = loadProject(words, { inventories: [], extraVars: [] }, errors);
  expect(files.filter(({ source }) => /web.tasks|site/.test(source.file))).toHaveLength(2);
});

test('a playbook in a folder that is no YAML is wrong, once, and not passed over', () => {
  const errors: OrchError[] = [];
  const folder = join(import.meta.dirname, '../errors', 'bad-yaml');
  loadProject([folder, relative(process.cwd(), folder)], { inventories: [], extraVars: [] }, errors);
  expect(errors.map(({ code }) => code)).toEqual(['yaml-syntax']);
});

test('a folder with nothing to look at is said to have nothing', () => {
  expect(() => lintTargets([join(project, 'group_vars')])).toThrow('there is no playbook and no role in');
});

test('what is no list of plays or tasks is taken for a playbook, which says what is wrong with it', () => {
  expect(lintTargets([join(project, 'group_vars/all.yml'), '/nowhere.yml'])).toEqual([
    { file: join(project, 'group_vars/all.yml') },
    { file: '/nowhere.yml' },
  ]);
});
