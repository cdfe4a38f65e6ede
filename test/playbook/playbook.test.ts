import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { parsePlaybook } from '../../controller/playbook/parse/parse-playbook.ts';
import { checkVariables } from '../../controller/playbook/plays/check-variables.ts';
import { errorText } from '../../controller/report/error-text.ts';
import { readSourceFile } from '../../controller/source/read-file.ts';
import { OrchError } from '../../proto/errors.ts';
import { foldersIn } from '../folders.ts';
import { catalog } from './catalog.ts';
import { plain } from './plain.ts';

const cases = foldersIn(import.meta.dirname);

test.each(cases)('%s', (name) => {
  const folder = join(import.meta.dirname, name);
  const readFile = (path: string) => {
    try {
      return readSourceFile(join(folder, path));
    } catch (error) {
      // Without the folder of the tests.
      if (!(error instanceof OrchError)) throw error;
      throw new OrchError({ code: error.code, summary: error.summary.replaceAll(`${folder}/`, '') });
    }
  };
  const { playbook, errors: syntax } = parsePlaybook('playbook.yml', { readFile, catalog });
  const errors = syntax.length > 0 ? syntax : checkVariables(playbook, [], catalog);
  const expected = (file: string) => readFileSync(join(folder, file), 'utf8');
  if (existsSync(join(folder, 'errors.txt'))) {
    expect(`${errors.map(errorText).join('\n')}\n`).toBe(expected('errors.txt'));
  } else {
    expect(errors.map(errorText)).toEqual([]);
    expect(plain(playbook)).toEqual(parse(expected('expected.yml')));
  }
});
