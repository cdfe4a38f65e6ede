import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { lint } from '../../controller/lint/lint.ts';
import { loadProject } from '../../controller/lint/load-project.ts';
import { registry } from '../../controller/lint/rules/registry.gen.ts';
import { errorText } from '../../controller/report/error-text.ts';
import type { OrchError } from '../../proto/errors.ts';
import { foldersIn } from '../folders.ts';

const folder = import.meta.dirname;
const folders = foldersIn(folder);

/** What one rule finds, a line each. */
function found(rule: string, file: string): string {
  const errors: OrchError[] = [];
  const project = loadProject([join(folder, rule, file)], { inventories: [], extraVars: [] }, errors);
  expect(errors.map(errorText)).toEqual([]);
  const skip = [...registry.keys()].filter((name) => name !== rule);
  return lint(project, { enable: [rule], skip })
    .findings.map(({ rule: name, at, message }) => `${at.line}:${at.column} ${name}: ${message}\n`)
    .join('')
    .replaceAll(`${folder}/`, '');
}

describe('rules', () => {
  test('have a folder each, beside that of roles', () => {
    expect(folders.sort()).toEqual([...registry.keys(), 'roles'].sort());
  });

  test.each(folders.filter((name) => registry.has(name)))('%s', async (rule) => {
    expect(found(rule, 'good.yml')).toBe('');
    await expect(found(rule, 'bad.yml')).toMatchFileSnapshot(join(folder, rule, 'bad.txt'));
  });
});

test('all files that a playbook leads to are read, and comments excuse what is in their task', () => {
  const errors: OrchError[] = [];
  const site = join(folder, 'roles/site.yml');
  const report = lint(loadProject([site], { inventories: [], extraVars: [] }, errors), { enable: [], skip: ['name'] });
  expect(errors).toEqual([]);
  expect(report.files.map((file) => file.slice(folder.length + 1))).toEqual([
    'roles/site.yml',
    'roles/roles/web/meta/main.yml',
    'roles/roles/web/defaults/main.yml',
    'roles/roles/web/tasks/main.yml',
    'roles/roles/web/handlers/main.yml',
  ]);
  expect(report.findings.map(({ rule, at }) => `${basename(at.file)}:${at.line} ${rule}`)).toEqual([
    'main.yml:2 yaml[truthy]',
    'main.yml:9 no-changed-when',
  ]);
});

test('no lookup runs, writes or fetches anything, whatever a playbook says', () => {
  const made = mkdtempSync(join(tmpdir(), 'orch-lint-test-'));
  const mark = join(made, 'mark');
  const [run, write] = [`{{ lookup('pipe', 'touch ${mark}') }}`, `{{ lookup('password', '${mark}') }}`];
  const tasks = [
    { sysctl: { name: 'a', value: run } },
    { vrf: { name: write, table: 10 }, when: `lookup('lines', 'touch ${mark}') == ''` },
    { vrf: { name: '{{ item }}', table: 10 }, with_pipe: [`touch ${mark}`] },
  ];
  mkdirSync(join(made, 'lookup_plugins'));
  const own = `open('${mark}', 'w')\nclass LookupModule:\n    pass\n`;
  writeFileSync(join(made, 'lookup_plugins/own.py'), own);
  tasks.push({ sysctl: { name: 'b', value: "{{ lookup('own') }}" } });
  const plays = [
    { hosts: 'all', tasks },
    { hosts: 'all', vars_files: [run], tasks: [{ vrf: { name: 'c', table: 1 } }] },
  ];
  writeFileSync(join(made, 'site.yml'), JSON.stringify(plays));
  for (const inventories of [[], ['h1,']]) loadProject([join(made, 'site.yml')], { inventories, extraVars: [] }, []);
  const there = readdirSync(made);
  rmSync(made, { recursive: true });
  expect(there).not.toContain('mark');
});
