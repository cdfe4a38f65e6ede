import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import * as z from 'zod';
import { registry as modules } from '../../agent/modules/registry.gen.ts';
import { registry as actions } from '../../controller/actions/registry.gen.ts';
import { catalog } from '../../controller/catalog.ts';
import { parametersOf } from '../../controller/doc/parameters.ts';
import { playbookSchema } from '../../controller/playbook/keywords/json-schema.ts';
import { brokenPage } from '../../scripts/docs/broken-page.ts';
import { doctorPage } from '../../scripts/docs/doctor-page.ts';
import { errorsPage } from '../../scripts/docs/errors-page.ts';
import { lessonPage, lessonRecords, lessonSvg } from '../../scripts/docs/lesson-page.ts';
import { linksPage } from '../../scripts/docs/links-page.ts';
import { lintPage } from '../../scripts/docs/lint-page.ts';
import { modulesPage } from '../../scripts/docs/modules-page.ts';
import { templatesPage } from '../../scripts/docs/templates-page.ts';
import { undoPage } from '../../scripts/docs/undo-page.ts';
import { whyPage } from '../../scripts/docs/why-page.ts';

const committed = (page: string) => readFileSync(join(import.meta.dirname, '../../docs', page), 'utf8');

const hint = 'stale; run: npm run docs';
it('modules.md says what the modules say', () => expect(committed('modules.md'), hint).toBe(modulesPage()));
it('broken.md has every broken lab', () =>
  expect(committed('broken.md'), hint).toBe(brokenPage(committed('broken.md'))));

it('why.md has every cause', () => expect(committed('why.md'), hint).toBe(whyPage(committed('why.md'))));

it('doctor.md has every check', () => expect(committed('doctor.md'), hint).toBe(doctorPage(committed('doctor.md'))));

it('templates.md has every lookup, filter and test', () =>
  expect(committed('templates.md'), hint).toBe(templatesPage(committed('templates.md'))));

it('lint.md has every rule', () => expect(committed('lint.md'), hint).toBe(lintPage(committed('lint.md'))));

it('rp-filter.md says what orch says of what was recorded', () =>
  expect(committed('rp-filter.md'), hint).toBe(lessonPage(committed('rp-filter.md'))));
it.each(lessonRecords)('rp-filter-%s.svg draws what was recorded', (name) =>
  expect(committed(`rp-filter-${name}.svg`), hint).toBe(lessonSvg(name)),
);

it('undo.md has all that is left out', () => expect(committed('undo.md'), hint).toBe(undoPage(committed('undo.md'))));
it('links.md has every kind of link and its attributes', () => expect(committed('links.md'), hint).toBe(linksPage()));
it('errors.md has every code', () => expect(committed('errors.md'), hint).toBe(errorsPage()));

it('playbook.schema.json has the keywords and parameters', () =>
  expect(JSON.parse(committed('playbook.schema.json')), hint).toEqual(
    JSON.parse(JSON.stringify(playbookSchema(catalog))),
  ));

it.each([...modules.values(), ...actions.values()])('$name describes every parameter', (entry) => {
  const nameless = parametersOf(entry.params).filter((parameter) => parameter.description === '');
  expect(nameless).toEqual([]);
});

it('tells types', () => {
  const params = z.strictObject({
    a: z.enum(['l2', 'l3', 'l3s']).default('l2').describe('A.'),
    b: z.union([z.int().min(1).max(4094), z.string()]).describe('B.'),
    c: z.array(z.string()).optional(),
    d: z.unknown().optional(),
  });
  expect(parametersOf(params)).toEqual([
    { name: 'a', type: 'l2, l3 or l3s', required: false, default: '"l2"', description: 'A.' },
    { name: 'b', type: 'integer 1-4094 or string', required: true, default: undefined, description: 'B.' },
    { name: 'c', type: 'list of string', required: false, default: undefined, description: '' },
    { name: 'd', type: 'any', required: false, default: undefined, description: '' },
  ]);
});
