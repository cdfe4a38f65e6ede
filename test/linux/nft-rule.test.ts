import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import * as z from 'zod';
import type { ExecResult } from '../../agent/linux/host.ts';
import { applyTool } from '../../agent/linux/tools.ts';
import { OrchError } from '../../proto/errors.ts';

// What nft lists of a chain, a change, and the line that nft is given for it, or the error.
const caseFile = z.strictObject({
  why: z.string().optional(),
  listing: z.string(),
  change: z.looseObject({ rule: z.string() }),
  fed: z.array(z.string()).default([]),
  error: z.string().optional(),
});

const folder = join(import.meta.dirname, 'nft-rule');

test.each(readdirSync(folder))('%s', async (file) => {
  const { listing, change, fed, error } = caseFile.parse(parse(readFileSync(join(folder, file), 'utf8')));
  const sent: string[] = [];
  const exec = async ({ stdin }: { readonly stdin?: string | undefined }): Promise<ExecResult> => {
    if (stdin !== undefined) sent.push(stdin.trimEnd());
    return { status: 0, stdout: stdin === undefined ? listing : '', stderr: '', timedOut: false };
  };
  const at = { op: 'nft-rule', family: 'inet', table: 'guard', chain: 'in' } as const;
  const failure = await applyTool({ ...at, ...change }, exec).catch((caught: unknown) => caught);
  expect(failure instanceof OrchError ? failure.code : failure).toBe(error);
  expect(sent).toEqual(fed);
});
