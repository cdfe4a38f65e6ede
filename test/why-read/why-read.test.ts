import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import * as z from 'zod';
import { readLookup, readView } from '../../controller/reach/why/read/read-view.ts';
import { evidenceSchema } from '../../controller/reach/why/seen/evidence.ts';

// A case: what an agent read of a namespace, and of the kernel's answers, as text; then what is made of it.
const view = z.strictObject({
  netns: z.string().default(''),
  inode: z.int().default(1),
  readings: z.record(z.string(), z.string()),
  unread: z.record(z.string(), z.string()).default({}),
});
const caseFile = z.strictObject({
  why: z.string(),
  view: view.optional(),
  before: view.optional(),
  place: z.unknown().optional(),
  lookups: z
    .array(z.strictObject({ routeJson: z.string().default(''), refusal: z.string().default(''), lookup: z.unknown() }))
    .default([]),
});

function asView({ netns, inode, readings, unread }: z.infer<typeof view>) {
  return {
    netns,
    inode,
    readings: [
      ...Object.entries(readings).map(([name, text]) => ({ name, text, unread: '' })),
      ...Object.entries(unread).map(([name, reason]) => ({ name, text: '', unread: reason })),
    ],
  };
}

const folder = join(import.meta.dirname, 'cases');

test.each(readdirSync(folder))('%s', (file) => {
  const { view, before, place, lookups } = caseFile.parse(parse(readFileSync(join(folder, file), 'utf8')));
  if (view !== undefined) {
    const read = readView('vm02', asView(view), before && asView(before));
    // As evidence it can be kept and judged again.
    expect(evidenceSchema.shape.places.unwrap().element.parse(read)).toEqual(read);
    expect(JSON.parse(JSON.stringify(read))).toEqual(place);
  }
  for (const { routeJson, refusal, lookup } of lookups) {
    expect(JSON.parse(JSON.stringify(readLookup({ routeJson, refusal })))).toEqual(lookup);
  }
});
