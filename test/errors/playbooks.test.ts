import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { errorText } from '../../controller/report/error-text.ts';
import { loadInput, selectInput } from '../../controller/run/input.ts';
import type { OrchError } from '../../proto/errors.ts';

// What `orch run` says of wrong input, before any host is contacted: lab.yml on hosts, with the options of options.yml.
const cases = readdirSync(import.meta.dirname, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name);

test.each(cases)('%s', (name) => {
  const folder = join(import.meta.dirname, name);
  const file = join(folder, 'options.yml');
  const options: { limit?: string } = existsSync(file) ? parse(readFileSync(file, 'utf8')) : {};
  const errors: OrchError[] = [];
  const input = loadInput(join(folder, 'lab.yml'), [join(folder, 'hosts')], [], errors);
  if (errors.length === 0) {
    selectInput(input, { tags: { only: [], skip: [] }, limit: options.limit, startAtTask: undefined }, errors);
  }
  const said = errors.map((error) => `${errorText(error).replaceAll(`${folder}/`, '')}\n`).join('');
  expect(said).toBe(readFileSync(join(folder, 'errors.txt'), 'utf8'));
  for (const error of errors)
    expect(error.where).toMatchObject({ line: expect.any(Number), column: expect.any(Number) });
});
