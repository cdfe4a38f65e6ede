import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { errorText } from '../../controller/report/error-text.ts';
import { loadInput, selectInput } from '../../controller/run/input/input.ts';
import type { OrchError } from '../../proto/errors.ts';
import { foldersIn } from '../folders.ts';

/*
 * What `orch run` says of what people get wrong, before any host is contacted: lab.yml on the hosts of the case, or on those
 * that all share, with the options of options.yml. ORCH_TEST_WRITE=1 writes down what is said now, for a person to judge.
 */
const cases = foldersIn(import.meta.dirname);

interface Options {
  readonly limit?: string;
  readonly startAtTask?: string;
  readonly tags?: readonly string[];
  readonly extraVars?: readonly string[];
}

function optionsOf(folder: string): Options {
  const file = join(folder, 'options.yml');
  return existsSync(file) ? parse(readFileSync(file, 'utf8')) : {};
}

test.each(cases)('%s', (name) => {
  const folder = join(import.meta.dirname, name);
  const { limit, startAtTask, tags: only = [], extraVars = [] } = optionsOf(folder);
  const inventory = existsSync(join(folder, 'hosts')) ? join(folder, 'hosts') : join(import.meta.dirname, 'hosts');
  const errors: OrchError[] = [];
  const input = loadInput(join(folder, 'lab.yml'), [inventory], extraVars, errors);
  if (errors.length === 0) selectInput(input, { tags: { only, skip: [] }, limit, startAtTask }, errors);
  const said = errors
    .map((error) => `${errorText(error)}\n`)
    .join('')
    .replaceAll(`${folder}/`, '')
    .replaceAll(`${import.meta.dirname}/`, '')
    .replaceAll(`${homedir()}/.ansible/`, '~/.ansible/');
  const golden = join(folder, 'errors.txt');
  if (process.env.ORCH_TEST_WRITE === '1') writeFileSync(golden, said);
  expect(said).not.toBe('');
  expect(said).toBe(readFileSync(golden, 'utf8'));
});
