import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { type Asked, promptOf, readLine } from '../../controller/console/session.ts';

const cases = parse(readFileSync(join(import.meta.dirname, 'lines.yml'), 'utf8')) as { line: string; asks: Asked }[];
const modules = ['ping', 'ansible.builtin.ping', 'copy'];

test.each(cases)('$line', ({ line, asks }) => {
  expect(readLine(line, (word) => modules.includes(word))).toEqual(asks);
});

test('the prompt tells who, where and how', () => {
  const chosen = { check: false, diff: false, timeout: 0, verbosity: 0, becomeUser: undefined };
  expect(promptOf({ ...chosen, pattern: 'web', become: false, remoteUser: undefined }, 'me', 3)).toBe('me@web (3)$ ');
  expect(promptOf({ ...chosen, pattern: 'all', become: true, remoteUser: 'lab' }, 'me', 12)).toBe('lab@all (12)# ');
});
