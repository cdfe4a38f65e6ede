import { expect, test } from 'vitest';
import { iniSections } from '../../controller/template/formats/ini.ts';

test('a line of blanks in an INI file is looked through once', () => {
  const blanks = ' '.repeat(400_000);
  const text = `[s]\nx${blanks}b\ny${blanks}b${blanks}=${blanks}c${blanks}d${blanks}\n`;
  const section = iniSections(text, { caseSensitive: false, bareNames: true }).get('s');
  expect([...(section ?? [])]).toEqual([
    [`x${blanks}b`, null],
    [`y${blanks}b`, `c${blanks}d`],
  ]);
});
