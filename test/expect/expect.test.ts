import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { Host } from '../../agent/linux/host.ts';
import { execute } from '../../agent/linux/programs/exec.ts';
import { module } from '../../agent/modules/expect.ts';
import type { RunResult } from '../../agent/modules/module.ts';
import { Dialogue } from '../../agent/modules/shared/dialogue.ts';
import { catalog } from '../../controller/catalog.ts';
import { withoutSecrets } from '../../controller/playbook/values/secrets.ts';
import { fakeHost, hostAnswers } from '../modules/fake-host.ts';

function cases<T>(file: string): T[] {
  return parse(readFileSync(join(import.meta.dirname, file), 'utf8')) as T[];
}

interface DialogueCase {
  readonly says: string;
  readonly answers: Readonly<Record<string, string | string[]>>;
  readonly heard: readonly string[];
  /** Characters behind what is heard, in the same piece. */
  readonly filler?: number;
  readonly said?: readonly (readonly string[])[];
  readonly error?: string;
}

describe('dialogue', () => {
  it.each(cases<DialogueCase>('dialogue.yml'))('$says', ({ answers, heard, filler = 0, said, error }) => {
    const dialogue = new Dialogue(answers);
    const talk = () => heard.map((text) => dialogue.hear(text + '.'.repeat(filler)));
    if (error === undefined) expect(talk()).toEqual(said);
    else expect(talk).toThrow(error);
  });
});

interface RunCase {
  readonly says: string;
  readonly comes?: Partial<RunResult>;
  readonly error?: string;
}

/** Runs programs on this machine, and knows nothing else. */
const here: Host = { ...fakeHost(hostAnswers.parse({})), exec: (command, options) => execute(command, options) };

describe('programs', () => {
  it.each(cases<RunCase>('runs.yml'))('$says', async ({ says: _, comes, error, ...given }) => {
    const context = {
      signal: AbortSignal.timeout(15_000),
      check: false,
      output: () => undefined,
      apply: async () => undefined,
    };
    const run = module.run(module.params.parse(given), here, context);
    if (error === undefined) expect(await run).toMatchObject({ ...comes });
    else await expect(run).rejects.toThrow(error);
  });
});

it('shows no answers', () => {
  const entry = catalog.get('expect');
  if (entry === undefined) throw new Error('no module expect');
  const args = { command: 'passwd', responses: { password: 's3cret' } };
  expect(withoutSecrets(entry.params, args)).toEqual({ command: 'passwd', responses: '(secret)' });
});
