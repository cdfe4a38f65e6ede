import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { Ledger } from '../../agent/engine/books/ledger.ts';
import { Engine } from '../../agent/engine/engine.ts';
import { RunSession } from '../../agent/engine/run/run-session.ts';
import type { Action } from '../../agent/linux/action.ts';
import { isNetnsName, sysctlPath } from '../../agent/linux/ip/names.ts';
import { OrchError } from '../../proto/errors.ts';
import { Lab } from '../../proto/gen/orch/v1/agent.ts';
import { task } from '../rpc/tasks.ts';
import { everyAction } from './every-action.ts';
import { FakeHost } from './fake-host.ts';
import { fakeModules } from './fake-modules.ts';

const scratch = mkdtempSync(join(tmpdir(), 'orch-damaged-'));
afterAll(() => rmSync(scratch, { recursive: true }));

/** What somebody would write there to have the agent do or name something else. */
const hostile = [
  ...[
    '../../../../etc/passwd',
    'net/../../../etc/passwd',
    '/etc/../../x',
    'a\0b',
    'a\nnetns delete ns9',
    '',
    '__proto__',
  ],
  ...['kernel/core_pattern', '-force', 'a'.repeat(300), -1, 0.5, 1e300, Number.MAX_SAFE_INTEGER, null, true, {}, []],
];

function startAgent(folder: string, host: FakeHost): Engine {
  const at = (name: string) => join(folder, name);
  const engine = new Engine({
    ...{ host, modules: fakeModules, boot: 'boot-1' },
    ...{ labsDir: at('labs'), journalsDir: at('journals'), checkpointsDir: at('checkpoints') },
    boots: { problem: undefined, want: () => undefined },
  });
  engine.resume();
  return engine;
}

async function run(engine: Engine, lab: string, confirmS: number, module: string, params: object): Promise<void> {
  const precautions = { confirmS, ways: [] };
  const session = await engine.open({ lab, run: `run-of-${lab}`, holder: 'me', waitMs: 0, precautions });
  if (!(session instanceof RunSession)) return;
  session.add(task(1, module, [params], { persist: confirmS > 0 }));
  await session.close({ exit: 0, summaryJson: '{}' });
}

const state = () =>
  new FakeHost({ sysctls: { a: '0', 'net/ipv4/ip_forward': '0' }, netns: ['ns9'], files: { '/etc/x': 'x' } });

/** The state of an agent with a file of each kind: labs that own all there is, and a run that waits for its confirmation. */
async function makeState(folder: string): Promise<void> {
  const engine = startAgent(folder, state());
  await run(engine, 'lab', 0, 'text', { path: '/etc/x', content: 'lab' });
  await run(engine, 'waits', 600, 'setting', { key: 'a', value: '1' });
  const ledger = new Ledger('all', join(folder, 'labs', 'all.ndjson'), 'boot-1');
  await ledger.intend(
    { run: 'r' },
    everyAction.map((undo, at) => ({ object: `thing ${at}`, action: undo, undo: [undo] })),
  );
  const later: Action = { op: 'netns-delete', name: 'ns7' };
  await ledger.foresee({ run: 'r' }, [[{ object: 'later', action: later, undo: [later] }]]);
  ledger.close();
  const extra = { boot: 'boot-1', versions: [], restored: { run: 'r', whenMs: 1, ok: 1, changed: 0, failed: [] } };
  writeFileSync(join(folder, 'labs', 'all.plan'), JSON.stringify(extra));
  mkdirSync(join(folder, 'checkpoints'), { recursive: true });
  const settled = { run: 'run-of-lab', kept: true, reason: '', whenMs: 1 };
  writeFileSync(join(folder, 'checkpoints', 'lab.settled'), JSON.stringify(settled));
}

interface Damage {
  readonly file: number;
  readonly how: 'cut' | 'byte' | 'value' | 'key' | 'line lost' | 'line twice' | 'empty' | 'name';
  readonly at: number;
  readonly value: unknown;
}

const damages: fc.Arbitrary<Damage> = fc.record({
  file: fc.nat(),
  how: fc.constantFrom('cut', 'byte', 'value', 'value', 'value', 'key', 'line lost', 'line twice', 'empty', 'name'),
  at: fc.nat(),
  value: fc.constantFrom(...hostile),
});

function leaves(value: unknown, into: { holder: Record<string, unknown>; key: string }[] = []) {
  if (typeof value !== 'object' || value === null) return into;
  for (const key of Object.keys(value)) {
    const holder = value as Record<string, unknown>;
    into.push({ holder, key });
    leaves(holder[key], into);
  }
  return into;
}

function damaged(text: string, { how, at, value }: Damage): string {
  const lines = text.split('\n');
  const line = at % lines.length;
  if (how === 'cut') return text.slice(0, at % (text.length + 1));
  if (how === 'byte') {
    const bytes = Buffer.from(text);
    if (bytes.length > 0) bytes[at % bytes.length] = at % 256;
    return bytes.toString('latin1');
  }
  if (how === 'empty') return '';
  if (how === 'line lost') return lines.filter((_, index) => index !== line).join('\n');
  if (how === 'line twice') return [...lines.slice(0, line), lines[line], ...lines.slice(line)].join('\n');
  let parsed: unknown;
  try {
    parsed = JSON.parse(lines[line] ?? '');
  } catch {
    return text;
  }
  const all = leaves(parsed);
  const place = all[at % Math.max(1, all.length)];
  if (place === undefined) return text;
  if (how === 'key') delete place.holder[place.key];
  else place.holder[place.key] = value;
  return [...lines.slice(0, line), JSON.stringify(parsed), ...lines.slice(line + 1)].join('\n');
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

/** What an action says of places is of the form that modules write. */
function isSafe(action: Action): boolean {
  const places = ['netns' in action ? action.netns : undefined];
  if (action.op === 'netns-add' || action.op === 'netns-delete') places.push(action.name);
  if (action.op === 'daemon') places.push(action.daemon.netns);
  if (action.op === 'exec') places.push(action.command.netns);
  if (!places.every((name) => name === undefined || isNetnsName(name))) return false;
  if (action.op === 'sysctl') return sysctlPath(action.key) !== '';
  if (action.op === 'file') return action.file.path.startsWith('/') && !action.file.path.includes('\0');
  if (action.op === 'daemon-remove') return /^[\w.-]+$/.test(action.name) && !action.name.startsWith('.');
  if (action.op === 'daemon') return /^[\w.-]+$/.test(action.daemon.name) && !action.daemon.name.startsWith('.');
  return true;
}

async function orError(work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    expect(error).toBeInstanceOf(OrchError);
  }
}

async function all(responses: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of responses);
}

test('whatever befalls its files, the agent starts, answers, and carries out only what has the form of its own', async () => {
  const whole = join(scratch, 'whole');
  await makeState(whole);
  const count = filesBelow(whole).length;
  expect(count).toBeGreaterThan(9);
  let rounds = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(damages, { minLength: 1, maxLength: 4 }), async (several) => {
      const folder = join(scratch, `round-${++rounds}`);
      cpSync(whole, folder, { recursive: true });
      for (const damage of several) {
        const path = filesBelow(folder)[damage.file % count] ?? '';
        if (damage.how !== 'name') writeFileSync(path, damaged(readFileSync(path, 'utf8'), damage));
        else writeFileSync(path.replace(/[^/~]+(?=\.[a-z]+$)/, 'else'), readFileSync(path));
      }
      const host = state();
      const engine = startAgent(folder, host);
      for (const lab of engine.status('')) Lab.encode(lab).finish();
      await orError(() => run(engine, 'other', 0, 'setting', { key: 'net/ipv4/ip_forward', value: '1' }));
      for (const lab of ['lab', 'waits', 'all', 'other']) {
        const request = { lab, holder: 'me', check: false, waitMs: 0 };
        await orError(() => all(engine.rollback({ ...request, runs: [`run-of-${lab}`] }, () => false)));
        await orError(() => all(engine.destroy({ ...request, run: 'd' }, () => false)));
      }
      await engine.stop();
      startAgent(folder, host);
      expect(host.applied.map((each) => JSON.parse(each) as Action).filter((each) => !isSafe(each))).toEqual([]);
      rmSync(folder, { recursive: true });
    }),
    { numRuns: 60 },
  );
}, 120_000);

test('a ledger that is of another lab keeps nobody else from theirs; a run without what was owned before forgets nothing', async () => {
  const folder = join(scratch, 'one');
  await makeState(folder);
  const text = readFileSync(join(folder, 'labs', 'all.ndjson'), 'utf8');
  writeFileSync(join(folder, 'labs', 'all.ndjson'), text.replace('"all"', '"else"'));
  rmSync(filesBelow(folder).find((path) => path.endsWith('~run-of-lab.before')) ?? '');
  const host = state();
  const engine = startAgent(folder, host);
  expect(engine.status('').map(({ name }) => name)).toEqual(['lab', 'waits']);
  expect(() => engine.status('all')).toThrow('is the ledger of another lab, else');
  const said: string[] = [];
  const request = { lab: 'lab', runs: ['run-of-lab'], holder: 'me', check: false, waitMs: 0 };
  for await (const { change } of engine.rollback(request, () => false))
    said.push(`${change?.object}: ${change?.reason}`);
  expect(said).toEqual([
    'file /etc/x: ',
    'journal of run run-of-lab: what the lab owned before cannot be read; it keeps what it owns now',
  ]);
  expect(engine.status('lab')[0]?.objects).toEqual(['file /etc/x']);
  await engine.stop();
});
