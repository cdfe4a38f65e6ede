import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import * as z from 'zod';
import { chooseMend } from '../../controller/fix/choose-mend.ts';
import { worseCells } from '../../controller/fix/compare-cells.ts';
import { createStyle } from '../../controller/report/style.ts';
import type { ReachCell } from '../../controller/report/types.ts';
import { fixText } from '../../controller/report/why/fix-text.ts';
import type { FixReport, Verdict } from '../../controller/report/why/why-types.ts';

// What became of a fix, and what is said of it in 80 columns.
test.each(readdirSync(join(import.meta.dirname, 'text')))('text: %s', (file) => {
  const { fix, text } = parse(readFileSync(join(import.meta.dirname, 'text', file), 'utf8')) as {
    readonly fix: FixReport;
    readonly text: string;
  };
  expect(fixText(fix, 80, createStyle(false))).toBe(text);
  for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
});

const read = (folder: string, file: string): unknown =>
  parse(readFileSync(join(import.meta.dirname, folder, file), 'utf8'));

// Cells as `EXPECTED BEFORE AFTER`, and those of them that are worse.
const compared = z.strictObject({ cells: z.record(z.string(), z.string()), worse: z.array(z.string()) });
const words = { yes: 'reached', no: 'unreachable', any: null, err: 'error' } as const;

test.each(readdirSync(join(import.meta.dirname, 'worse')))('worse: %s', (file) => {
  const { cells, worse } = compared.parse(read('worse', file));
  const at = (when: 1 | 2) =>
    Object.entries(cells).map(([name, text]) => {
      const [expected, ...seen] = text.split(' ').map((word) => words[word as keyof typeof words]);
      return { from: name, to: 'x', address: 'x', expected, observed: seen[when - 1], rttMs: null } as ReachCell;
    });
  expect(worseCells(at(1), at(2)).map(({ from }) => from)).toEqual(worse);
});

// What was found, what was tried, and what is tried next or why nothing is.
const chosen = z.strictObject({
  verdicts: z.array(
    z.strictObject({
      cause: z.string(),
      confidence: z.enum(['certain', 'likely', 'unknown']),
      mend: z.string().optional(),
    }),
  ),
  least: z.enum(['certain', 'likely']).default('certain'),
  tried: z.array(z.string()).default([]),
  next: z.string().optional(),
  reason: z.string().optional(),
});

test.each(readdirSync(join(import.meta.dirname, 'choice')))('choice: %s', (file) => {
  const { verdicts, least, tried, next, reason } = chosen.parse(read('choice', file));
  const whole = verdicts.map(({ mend, ...verdict }): Verdict => {
    const place = { host: 'h', netns: '', direction: 'request', sentence: '', proof: [] } as const;
    return { ...place, ...verdict, ...(mend === undefined ? {} : { mend: { host: 'h', tasks: mend } }) };
  });
  const choice = chooseMend(
    whole,
    least,
    whole.filter(({ cause }) => tried.includes(cause)),
    'lab',
  );
  expect('reason' in choice ? { reason: choice.reason } : { next: choice.verdict.cause }).toEqual(
    next === undefined ? { reason } : { next },
  );
});
