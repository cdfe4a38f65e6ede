import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { DaemonFolder, type DaemonRecord } from '../../../agent/linux/daemons/record.ts';

let root: string;
let path: string;
let folder: DaemonFolder;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'orch-records-'));
  path = join(root, 'daemons');
  folder = new DaemonFolder(path);
});
afterEach(() => rmSync(root, { recursive: true }));

function record(name: string, netns?: string): DaemonRecord {
  return {
    spec: {
      ...{ name, netns, argv: ['sleep', '9'], environment: { TOKEN: 's3cret' }, restart: 'never' },
      ...{ backoff: { initial: 1, max: 2 }, giveUp: { restarts: 1, within: 9 }, ready: { seconds: 0, timeout: 1 } },
      ...{ stopSignal: 'TERM', stopTimeout: 1, logLimit: 4096 },
    },
    ...{ mark: `mark of ${name}`, boot: 'b', phase: 'running', pid: 7, startTime: 8, restarts: 0, ended: '' },
  };
}

function keyOf({ spec }: DaemonRecord): string {
  return `${spec.netns ?? ''}/${spec.name}`;
}

test('what is saved is found again, each namespace with names of its own', () => {
  const all = [record('web'), record('web', 'ns01'), record('web', 'host')];
  for (const each of all) folder.save(each);
  const byPlace = (records: readonly DaemonRecord[]) => Object.fromEntries(records.map((each) => [keyOf(each), each]));
  expect(byPlace(folder.load())).toEqual(byPlace(all));
  const logs = all.map(({ spec }) => folder.logPath(spec.name, spec.netns));
  expect(new Set(logs).size).toBe(3);
  expect(statSync(join(path, 'host/web.json')).mode & 0o777).toBe(0o600);
  expect(statSync(path).mode & 0o777).toBe(0o700);
});

test('a removed one leaves nothing, not even folders', () => {
  folder.save(record('web', 'ns01'));
  folder.save(record('dns', 'ns01'));
  folder.remove('web', 'ns01');
  expect(folder.load()).toHaveLength(1);
  folder.remove('dns', 'ns01');
  expect(readdirSync(root)).toEqual([]);
  folder.remove('dns', 'ns01');
  expect(folder.load()).toEqual([]);
});

test.each(['', '{', '{}', 'null', '{"spec":{"name":"x"}}', JSON.stringify({ ...record('x'), mark: '' })])(
  'what no agent wrote is no record: %s',
  (text) => {
    folder.save(record('web'));
    mkdirSync(join(path, 'netns'));
    writeFileSync(join(path, 'netns/x.json'), text);
    expect(folder.load()).toHaveLength(1);
  },
);
