import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { evidenceSchema } from '../../controller/reach/why/seen/evidence.ts';
import { whyReport } from '../../controller/reach/why/why-report.ts';
import { createStyle } from '../../controller/report/style.ts';
import { whyText } from '../../controller/report/why/verdict-text.ts';

// CAUSE.CASE.COLUMNS.txt: what `orch why` prints for the case of that cause in test/why, in so many columns.
const folder = join(import.meta.dirname, 'cases');

test.each(readdirSync(folder))('%s', (file) => {
  const [cause = '', name = '', columns] = file.split('.');
  const source = readFileSync(join(import.meta.dirname, '../why', cause, `${name}.yml`), 'utf8');
  const evidence = evidenceSchema.parse(parse(source).evidence);
  const text = whyText(whyReport(evidence, evidence.question.to), Number(columns), createStyle(false));
  expect(text).toBe(readFileSync(join(folder, file), 'utf8'));
  for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(Number(columns));
});
