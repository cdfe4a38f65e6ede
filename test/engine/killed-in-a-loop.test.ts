import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { Engine } from '../../agent/engine/engine.ts';
import type { Action } from '../../agent/linux/action.ts';
import { destroyLab, runTasks } from '../e2e/engine-runs.ts';
import { FakeHost } from './fake-host.ts';
import { fakeModules } from './fake-modules.ts';

/** So many that the inverses of several are written at once, twice. */
const keys = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
const all = (value: string) => Object.fromEntries(keys.map((key) => [key, value]));
const loop = [{ module: 'setting', items: keys.map((key) => ({ key, value: '1' })) }];

const moments = ['before the mark that it begins', 'before its change', 'after its change'] as const;
const cases = keys.flatMap((_, item) =>
  moments.flatMap((moment) => (['run', 'destroy'] as const).map((next) => ({ item, moment, next }))),
);

const folder = mkdtempSync(join(tmpdir(), 'orch-killed-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Where an agent stands still at one of its changes, and never goes on: to its files that is as kill -9. */
class DeadlyHost extends FakeHost {
  readonly killed: Promise<void>;
  private kill: () => void = () => undefined;
  private left: number;
  private readonly after: boolean;

  /** `at`: which change, from 0. */
  constructor(at: number, after: boolean) {
    super({ sysctls: all('0') });
    this.left = at;
    this.after = after;
    this.killed = new Promise((resolve) => {
      this.kill = resolve;
    });
  }

  override async apply(action: Action): Promise<void> {
    const last = this.left-- === 0;
    if (!last || this.after) await super.apply(action);
    if (!last) return;
    this.kill();
    await new Promise(() => undefined);
  }
}

/** Takes the mark off that the file of a ledger or journal ends with. */
function unmark(path: string): void {
  const lines = readFileSync(path, 'utf8').split('\n').slice(0, -1);
  expect(lines.at(-1)).toContain('"begun"');
  writeFileSync(path, [...lines.slice(0, -1), ''].join('\n'));
}

test.each(cases)('killed at item $item, $moment, $next ends in a proven state', async ({ item, moment, next }) => {
  const root = mkdtempSync(join(folder, 'case-'));
  const [labsDir, journalsDir, checkpointsDir] = ['labs', 'journals', 'checkpoints'].map((name) =>
    join(root, name),
  ) as [string, string, string];
  const host = new DeadlyHost(item, moment === 'after its change');
  const agent = () => new Engine({ host, modules: fakeModules, labsDir, journalsDir, checkpointsDir, boot: 'boot' });
  void runTasks(agent(), loop);
  await host.killed;
  if (moment === 'before the mark that it begins') unmark(join(labsDir, 'lab.ndjson'));

  const engine = agent();
  if (next === 'run') {
    expect(await runTasks(engine, loop, 'next')).toMatchObject({ failed: [] });
    expect(Object.fromEntries(host.sysctls)).toEqual(all('1'));
  }
  expect(await destroyLab(engine)).toMatchObject({ failed: [], proof: { differences: [], missing: '' } });
  expect(Object.fromEntries(host.sysctls)).toEqual(all('0'));
  expect(readdirSync(labsDir)).toEqual([]);
  await engine.stop();
});
