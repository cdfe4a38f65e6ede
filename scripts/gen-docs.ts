// Writes the pages of docs/ that are made from the code; test/docs holds them to it.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { catalog } from '../controller/catalog.ts';
import { playbookSchema } from '../controller/playbook/keywords/json-schema.ts';
import { brokenPage } from './docs/broken-page.ts';
import { doctorPage } from './docs/doctor-page.ts';
import { errorsPage } from './docs/errors-page.ts';
import { lessonPage, lessonRecords, lessonSvg } from './docs/lesson-page.ts';
import { linksPage } from './docs/links-page.ts';
import { lintPage } from './docs/lint-page.ts';
import { modulesPage } from './docs/modules-page.ts';
import { schemaText } from './docs/schema-text.ts';
import { templatesPage } from './docs/templates-page.ts';
import { undoPage } from './docs/undo-page.ts';
import { whyPage } from './docs/why-page.ts';

const docs = join(import.meta.dirname, '../docs');
const write = (name: string, text: string) => writeFileSync(join(docs, name), text);

/** Pages that are written by hand, but for what stands between marks. */
const filledIn = {
  'broken.md': brokenPage,
  'doctor.md': doctorPage,
  'lint.md': lintPage,
  'rp-filter.md': lessonPage,
  'templates.md': templatesPage,
  'undo.md': undoPage,
  'why.md': whyPage,
};
for (const [name, page] of Object.entries(filledIn)) write(name, page(readFileSync(join(docs, name), 'utf8')));

write('errors.md', errorsPage());
write('links.md', linksPage());
write('modules.md', modulesPage());
write('playbook.schema.json', schemaText(playbookSchema(catalog)));
for (const name of lessonRecords) write(`rp-filter-${name}.svg`, lessonSvg(name));
