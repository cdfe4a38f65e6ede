// Writes the pages of docs/ that are made from the code; test/docs holds them to it.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { catalog } from '../controller/catalog.ts';
import { playbookSchema } from '../controller/playbook/json-schema.ts';
import { brokenPage } from './docs/broken-page.ts';
import { doctorPage } from './docs/doctor-page.ts';
import { errorsPage } from './docs/errors-page.ts';
import { lessonPage, lessonRecords, lessonSvg } from './docs/lesson-page.ts';
import { linksPage } from './docs/links-page.ts';
import { lintPage } from './docs/lint-page.ts';
import { modulesPage } from './docs/modules-page.ts';
import { undoPage } from './docs/undo-page.ts';
import { whyPage } from './docs/why-page.ts';

const docs = join(import.meta.dirname, '../docs');
mkdirSync(docs, { recursive: true });
writeFileSync(join(docs, 'modules.md'), modulesPage());
writeFileSync(join(docs, 'links.md'), linksPage());
writeFileSync(join(docs, 'errors.md'), errorsPage());
writeFileSync(join(docs, 'undo.md'), undoPage(readFileSync(join(docs, 'undo.md'), 'utf8')));
writeFileSync(join(docs, 'broken.md'), brokenPage(readFileSync(join(docs, 'broken.md'), 'utf8')));
writeFileSync(join(docs, 'doctor.md'), doctorPage(readFileSync(join(docs, 'doctor.md'), 'utf8')));
writeFileSync(join(docs, 'lint.md'), lintPage(readFileSync(join(docs, 'lint.md'), 'utf8')));
writeFileSync(join(docs, 'rp-filter.md'), lessonPage(readFileSync(join(docs, 'rp-filter.md'), 'utf8')));
for (const name of lessonRecords) writeFileSync(join(docs, `rp-filter-${name}.svg`), lessonSvg(name));
writeFileSync(join(docs, 'why.md'), whyPage(readFileSync(join(docs, 'why.md'), 'utf8')));
writeFileSync(join(docs, 'playbook.schema.json'), `${JSON.stringify(playbookSchema(catalog), null, 2)}\n`);
