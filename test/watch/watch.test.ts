import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import * as z from 'zod';
import { keepAsking } from '../../controller/reach/watch/keep-asking.ts';
import { createStyle } from '../../controller/report/style.ts';
import { changesText } from '../../controller/report/why/watch-text.ts';

// A case: what comes of each probe (one second from one to the next) and what is told; or changes, and how they are written.
const caseFile = z.strictObject({
  why: z.string(),
  answers: z.array(z.enum(['replied', 'silent', 'interrupted'])).default([]),
  count: z.int().default(0),
  told: z.array(z.string()).default([]),
  changes: z
    .array(
      z.strictObject({
        host: z.string(),
        netns: z.string().default(''),
        us: z.int(),
        what: z.string(),
        text: z.string(),
      }),
    )
    .optional(),
  loss: z.strictObject({ us: z.int(), answeredUs: z.int().optional() }).optional(),
  leftOut: z.int().default(0),
  written: z.string().optional(),
});

const folder = join(import.meta.dirname, 'cases');

test.each(readdirSync(folder))('%s', async (file) => {
  const { answers, count, told, changes, loss, leftOut, written } = caseFile.parse(
    parse(readFileSync(join(folder, file), 'utf8')),
  );
  const said: string[] = [];
  const left = [...answers];
  let seconds = 0;
  const { sent, answered } = await keepAsking({
    ...{ count, intervalMs: 0, signal: AbortSignal.timeout(60_000), now: () => seconds * 1e6 },
    probe: async () => {
      const answer = left.shift() ?? 'interrupted';
      if (answer === 'interrupted') return undefined;
      seconds++;
      return { replied: answer === 'replied', rttMs: undefined, text: answer };
    },
    told: (now) => said.push(`${now.answered} of ${now.sent}`),
    lost: async ({ us, answeredUs, text }) => {
      said.push(`lost at ${us / 1e6}: ${text}, answered at ${answeredUs === undefined ? 'no time' : answeredUs / 1e6}`);
    },
    back: (forUs) => said.push(`back after ${forUs / 1e6}`),
  });
  if (answers.length > 0) expect([...said, `${answered} of ${sent} at the end`]).toEqual(told);
  if (changes !== undefined && loss !== undefined) {
    const text = changesText(changes, { text: '', answeredUs: undefined, ...loss }, leftOut, 60, createStyle(false));
    expect(text).toBe(written);
  }
});
