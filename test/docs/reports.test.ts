import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { exitText } from '../../controller/report/run/recap.ts';
import type { HostSummary, ReachCell, Report } from '../../controller/report/types.ts';

const root = join(import.meta.dirname, '../..');
const page = readFileSync(join(root, 'docs/reports.md'), 'utf8');

test('the run on the page is one that the tests print', () => {
  const [, block] = /^```text\n(.*?)^```$/ms.exec(page) ?? [];
  expect(block).toBe(readFileSync(join(root, 'test/report/lab-converged/plain.txt'), 'utf8'));
});

/** Which fields there are: the compiler has the tables whole. */
const ofReport: Readonly<Record<keyof Report, 0>> = {
  ...{ version: 0, lab: 0, run: 0, playbook: 0, inventory: 0, check: 0, startedAt: 0, durationMs: 0, exit: 0 },
  ...{ hosts: 0, failures: 0, tasks: 0, reach: 0, stats: 0, why: 0, settled: 0 },
};
const ofHost: Readonly<Record<keyof HostSummary, 0>> = {
  ...{ ok: 0, changed: 0, failed: 0, skipped: 0, unreachable: 0, rescued: 0, ignored: 0 },
};
const ofCell: Readonly<Record<keyof ReachCell, 0>> = {
  ...{ from: 0, to: 0, address: 0, expected: 0, observed: 0, rttMs: 0, source: 0, bound: 0, size: 0, message: 0 },
  verdict: 0,
};

test('the page names every field of a report', () => {
  const named = new Set([...page.matchAll(/`(\w+)`/g)].map(([, word]) => word));
  const fields = Object.keys({ ...ofReport, ...ofHost, ...ofCell });
  expect(fields.filter((field) => !named.has(field))).toEqual([]);
});

test('the page has every exit code as the recap says it', () => {
  const rows = new Map([...page.matchAll(/^\| (\d+) +\| (.+?) +\|$/gm)].map(([, code, text]) => [code, text]));
  expect(Object.fromEntries(rows)).toEqual(exitText);
});
