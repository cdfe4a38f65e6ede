import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { KeptPlan, type Wished } from '../../agent/engine/books/kept-plan.ts';

const folder = mkdtempSync(join(tmpdir(), 'orch-plan-'));
afterAll(() => rmSync(folder, { recursive: true }));

const wished = (names: string): Wished[] =>
  names.split(' ').map((name) => ({
    ...{ key: name, module: 'setting', paramsJson: '{}', runAs: '', environment: {}, where: '', cwd: '', noLog: false },
    objects: [name],
  }));

interface Case {
  readonly why: string;
  /** What each run wishes. */
  readonly runs: readonly string[];
  /** What the last run took away. */
  readonly gone?: readonly string[];
  /** In order, with the run that wished it last. */
  readonly kept: string;
}

const cases: readonly Case[] = [
  {
    why: 'what a run left out stays behind what it may stand on, ahead of what the run wished behind that',
    runs: ['link address route', 'link daemon'],
    kept: 'link:2 address:1 route:1 daemon:2',
  },
  { why: 'what was first stays first', runs: ['netns link', 'link address'], kept: 'netns:1 link:2 address:2' },
  {
    why: 'what a run took away is not kept, and what stood behind it stays in its place',
    runs: ['link address route', 'link exact'],
    gone: ['address'],
    kept: 'link:2 route:1 exact:2',
  },
  { why: 'what was taken away and is wished again is kept', runs: ['a b', 'b'], gone: ['b'], kept: 'a:1 b:2' },
  { why: 'three runs are three parts', runs: ['a b c', 'b', 'c'], kept: 'a:1 b:2 c:3' },
];

test.each(cases)('$why', ({ runs, gone = [], kept }) => {
  const plan = new KeptPlan(join(folder, kept), 'boot');
  for (const [at, names] of runs.entries())
    plan.add(`run ${at}`, wished(names), new Set(at === runs.length - 1 ? gone : []));
  expect(plan.tasks.map(({ key, part }) => `${key}:${part}`).join(' ')).toBe(kept);
});

test('of all the runs that can be taken back, what was kept before them is left', () => {
  const plan = new KeptPlan(join(folder, 'many'), 'boot');
  const runs = Array.from({ length: 11 }, (_, at) => `run${at}`);
  for (const run of runs) plan.add(run, wished(run), new Set());
  plan.forget(runs.slice(1));
  expect(plan.tasks.map(({ key }) => key)).toEqual(['run0']);
});

test('a run that wishes the same again is no news', () => {
  const path = join(folder, 'again');
  const plan = new KeptPlan(path, 'boot');
  plan.add('one', wished('a b c'), new Set());
  plan.add('two', wished('a c'), new Set());
  const written = statSync(path).ino;
  plan.add('three', wished('a c'), new Set());
  expect(statSync(path).ino).toBe(written);
});
