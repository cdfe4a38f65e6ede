import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import * as z from 'zod';
import { registry } from '../../controller/reach/why/causes/registry.gen.ts';
import { judge } from '../../controller/reach/why/judge.ts';
import { evidenceSchema } from '../../controller/reach/why/seen/evidence.ts';
import type { Verdict } from '../../controller/report/why/why-types.ts';
import { foldersIn } from '../folders.ts';
import { expectTasks, pasted } from './mends.ts';

// A folder is a cause; a case is what was seen, and the verdicts in order, the folder's among them.
const caseFile = z.strictObject({
  why: z.string().optional(),
  evidence: evidenceSchema,
  verdicts: z.array(
    z.strictObject({
      cause: z.string(),
      confidence: z.enum(['certain', 'likely', 'unknown']),
      at: z.string(),
      sentence: z.string(),
      proof: z.array(z.string()),
      beware: z.string().optional(),
      mend: z.string().optional(),
    }),
  ),
});

const folder = import.meta.dirname;
const folders = foldersIn(folder);

function written(verdict: Verdict): Record<string, unknown> {
  const { cause, confidence, host, netns, device, direction, sentence, proof, beware, mend } = verdict;
  const at = [netns === '' ? host : `${host}/${netns}`, device, direction]
    .filter((part) => part !== undefined)
    .join(' ');
  const rest = { ...(beware === undefined ? {} : { beware }), ...(mend === undefined ? {} : { mend: mend.tasks }) };
  return { cause, confidence, at, sentence, proof, ...rest };
}

/** What the tasks of verdicts' mends do. */
function modulesOf(verdicts: readonly Verdict[]): readonly string[] {
  return verdicts.flatMap(({ mend }) =>
    mend === undefined
      ? []
      : pasted(mend).playbook.plays.flatMap(({ entries }) =>
          entries.map((entry) => (entry.kind === 'task' ? entry.module : entry.kind)),
        ),
  );
}

/** The same with other texts in it. */
function replaced<T>(value: T, text: (from: string) => string): T {
  return JSON.parse(JSON.stringify(value), (_, item: unknown) => (typeof item === 'string' ? text(item) : item));
}

/** What a host may call a link that is in others' hands. */
const hostileWords = [
  '\n- name: x\n  copy: {content: x, dest: /x}\n  delegate_to: localhost',
  '}}{{ lookup("pipe", "id") }}',
  ", x]\n#'\\x7b\\x7b",
];

describe('causes', () => {
  test('have a folder of cases each, beside that of what is not known', () => {
    expect(folders.sort()).toEqual([...registry.keys(), 'unknown'].sort());
  });

  for (const cause of folders) {
    const files = readdirSync(join(folder, cause)).filter((file) => file.endsWith('.yml'));
    test.each(files)(`${cause}/%s`, (file) => {
      const { evidence, verdicts } = caseFile.parse(parse(readFileSync(join(folder, cause, file), 'utf8')));
      const found = judge(evidence);
      expect(found.map(written)).toEqual(verdicts);
      if (verdicts.length > 0) expect(found.map((verdict) => verdict.cause)).toContain(cause);
      for (const { mend } of found) expectTasks(mend);
      const links = new Set(evidence.places.flatMap((place) => place.links.map(({ name }) => name)));
      for (const words of hostileWords) {
        const hostile = judge(replaced(evidence, (text) => (links.has(text) ? `${text}${words}` : text)));
        expect(modulesOf(hostile)).not.toContain('copy');
        for (const { mend } of hostile)
          expect(mend?.tasks.replace(/!unsafe "(?:[^"\\]|\\.)*"/g, '') ?? '').not.toContain('{{');
      }
    });
  }
});
