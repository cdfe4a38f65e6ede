import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import type { Report } from '../../controller/report/types.ts';
import { runLab } from './lab-runs.ts';
import { type OwnTestbed, ownTestbed } from './own-testbed.ts';
import { randomPlay } from './random-plays/play.ts';

/**
 * Check mode on a host says of each task what a run then comes to. A few plays, always the same; ORCH_TEST_PLAYS=200 tries that
 * many others. ORCH_TEST_SEED=SEED:PATH repeats the case of a failure.
 */
const wished = process.env.ORCH_TEST_PLAYS;
const [seed, path] = process.env.ORCH_TEST_SEED?.split(/:(.*)/s) ?? [];

let testbed: OwnTestbed;
beforeAll(async () => {
  testbed = ownTestbed();
  await testbed.up('netns');
});
afterAll(() => testbed.end());

/** What became of each task; where it failed, why. */
function told({ tasks }: Report): readonly string[] {
  return tasks.map(({ task, module, status }) => `${task} ${module} ${status}`);
}

/** Takes away what random plays make. */
const cleared = [
  'rm -rf /srv/random /etc/cron.d/random',
  'for i in rnd1 rnd2; do userdel $i; groupdel $i; ip netns delete $i; done 2>/dev/null; true',
].join('; ');

const cases = parse(readFileSync(join(import.meta.dirname, 'check-truth.yml'), 'utf8')) as readonly {
  readonly why: string;
  readonly found: readonly string[];
  readonly tasks: readonly object[];
}[];

test.each(cases)('$why', async ({ found, tasks }) => {
  expect(await testbed.orch(['testbed', 'reset'])).toMatchObject({ code: 0 });
  expect(await testbed.on('vm02', `set -e\n${found.join('\n')}`)).toMatchObject({ code: 0 });
  const file = join(testbed.folder, 'case.yml');
  writeFileSync(file, JSON.stringify([{ hosts: 'vm02', tasks }], undefined, 1));
  const predicted = told(await runLab(testbed, file, '--check'));
  expect(predicted).toEqual(told(await runLab(testbed, file)));
});

test('check mode says what a run does', { timeout: 3_600_000 }, async () => {
  const file = join(testbed.folder, 'random.yml');
  const property = fc.asyncProperty(randomPlay, async (play) => {
    writeFileSync(file, JSON.stringify(play, undefined, 1));
    const predicted = told(await runLab(testbed, file, '--check'));
    const done = told(await runLab(testbed, file));
    expect(await testbed.on('vm02', cleared)).toMatchObject({ code: 0 });
    expect(predicted).toEqual(done);
  });
  await fc.assert(property, {
    ...(seed === undefined ? { seed: 1, numRuns: 4 } : { seed: Number(seed), path: path ?? '' }),
    ...(wished === undefined ? {} : { numRuns: Number(wished), seed: Date.now() }),
    endOnFailure: seed === undefined,
  });
});
