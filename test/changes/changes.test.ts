import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import * as z from 'zod';
import { ipChange, nftChange, sysctlChanges } from '../../agent/engine/observe/change-line.ts';

// A case: lines of a monitor (or kernel parameters before and after), and the changes that are told of them.
const caseFile = z.strictObject({
  why: z.string(),
  ip: z.array(z.string()).default([]),
  nft: z.array(z.string()).default([]),
  before: z.string().default(''),
  now: z.string().default(''),
  changes: z.array(z.string()),
});

const folder = join(import.meta.dirname, 'cases');

test.each(readdirSync(folder))('%s', (file) => {
  const { ip, nft, before, now, changes } = caseFile.parse(parse(readFileSync(join(folder, file), 'utf8')));
  const told = [...ip.map(ipChange), ...nft.map(nftChange), ...sysctlChanges(before, now)];
  expect(told.flatMap((change) => (change === undefined ? [] : [`${change.what}: ${change.text}`]))).toEqual(changes);
});
