import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { exitText } from '../../controller/report/run/recap.ts';

const root = join(import.meta.dirname, '../..');
const page = readFileSync(join(root, 'docs/reports.md'), 'utf8');

test('the run on the page is one that the tests print', () => {
  const [, block] = /^```text\n(.*?)^```$/ms.exec(page) ?? [];
  expect(block).toBe(readFileSync(join(root, 'test/report/lab-converged/plain.txt'), 'utf8'));
});

test('the page names every field of a report', () => {
  const report = JSON.parse(readFileSync(join(root, 'test/report/lab-converged/report.json'), 'utf8'));
  const named = new Set([...page.matchAll(/`(\w+)`/g)].map(([, word]) => word));
  const words = [report, ...Object.values(report.hosts), ...report.reach].flatMap((part) => Object.keys(part));
  expect(words.filter((word) => !named.has(word))).toEqual([]);
});

test('the page has every exit code as the recap says it', () => {
  const rows = new Map([...page.matchAll(/^\| (\d+) +\| (.+?) +\|$/gm)].map(([, code, text]) => [code, text]));
  expect(Object.fromEntries(rows)).toEqual(exitText);
});
