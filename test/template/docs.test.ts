import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { dictMethods } from '../../controller/template/methods/dict.ts';
import { listMethods } from '../../controller/template/methods/list.ts';
import { floatMethods, integerMethods } from '../../controller/template/methods/number.ts';
import { stringMethods } from '../../controller/template/methods/string.ts';

const page = readFileSync(new URL('../../docs/templates.md', import.meta.url), 'utf8');

/** Names in backquotes after `start`, up to the next blank line behind them. */
function listed(start: string): string[] {
  const [, rest = ''] = page.split(start);
  const [list = ''] = rest.trimStart().split('\n\n');
  return [...list.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name).sort();
}

test.each([
  ['Of text:', stringMethods],
  ['Of lists:', listMethods],
  ['Of dicts:', dictMethods],
  ['Of whole numbers:', integerMethods],
  ['Of floats:', floatMethods],
])('docs/templates.md: %s', (start, table) => {
  expect(listed(start)).toEqual([...table.keys()].sort());
});
