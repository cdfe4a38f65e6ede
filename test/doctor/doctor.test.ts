import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import * as z from 'zod';
import { registry } from '../../controller/reach/doctor/checks/registry.gen.ts';
import { examine } from '../../controller/reach/doctor/examine.ts';
import { evidenceSchema } from '../../controller/reach/why/seen/evidence.ts';
import { foldersIn } from '../folders.ts';
import { expectTasks } from '../why/mends.ts';

const lab = z.strictObject({
  host: z.string(),
  lab: z.string(),
  objects: z.int().default(0),
  lastRun: z.string().default(''),
  lastExit: z.int().default(0),
  heldBy: z.string().default(''),
});

// A folder is a check; a case is what was read of hosts, and all that any check finds in it.
const caseFile = z.strictObject({
  why: z.string(),
  places: evidenceSchema.shape.places,
  labs: z.array(lab).default([]),
  findings: z.array(
    z.strictObject({
      check: z.string(),
      at: z.string(),
      sentence: z.string(),
      breaks: z.string().optional(),
      advice: z.string().optional(),
      mend: z.string().optional(),
    }),
  ),
});

const folder = import.meta.dirname;
const folders = foldersIn(folder);

describe('checks', () => {
  test('have a folder of cases each, beside that of healthy hosts', () => {
    expect(folders.sort()).toEqual([...registry.keys(), 'healthy'].sort());
  });

  for (const check of folders) {
    const files = readdirSync(join(folder, check));
    test.each(files)(`${check}/%s`, (file) => {
      const { places, labs, findings } = caseFile.parse(parse(readFileSync(join(folder, check, file), 'utf8')));
      const found = examine(places, labs);
      const written = found.map(({ check, host, netns, device, sentence, breaks, advice, mend }, index) => ({
        check,
        at: [netns === '' ? host : `${host}/${netns}`, device].filter((part) => part !== undefined).join(' '),
        sentence,
        // The check's own folder says them; beside it they are in the way.
        ...(findings[index]?.breaks === undefined ? {} : { breaks }),
        ...(advice === undefined ? {} : { advice }),
        ...(mend === undefined ? {} : { mend: mend.tasks }),
      }));
      expect(written).toEqual(findings);
      for (const { mend } of found) expectTasks(mend);
      if (findings.length > 0) expect(found.map((one) => one.check)).toContain(check);
    });
  }
});
