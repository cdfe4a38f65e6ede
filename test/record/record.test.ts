import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { runsDir } from '../../controller/paths.ts';
import { hostsOfLab, newestOfLab } from '../../controller/record/lab-hosts.ts';
import { findRun, readRun, runNames } from '../../controller/record/read.ts';
import { openRunRecord } from '../../controller/record/write.ts';
import { createCollector } from '../../controller/report/run/collect.ts';
import type { RunEvent } from '../../controller/report/types.ts';
import { OrchError } from '../../proto/errors.ts';

let runs = '';
beforeEach(() => {
  runs = join(mkdtempSync(join(tmpdir(), 'orch-record-')), 'runs');
});
afterEach(() => rmSync(join(runs, '..'), { recursive: true }));

const start: RunEvent = {
  type: 'run-start',
  run: 'r',
  lab: 'seed',
  playbook: 'lab.yml',
  inventory: 'hosts.yml',
  hosts: ['vm01'],
  check: false,
};
const end = { startedAt: '2026-11-24T06:48:03.000Z', durationMs: 1, interrupted: false };

test('a run leaves events, report and last, all private', () => {
  const record = openRunRecord(runs, 'seed lab/../x');
  const collector = createCollector();
  collector.add(start);
  record.write(start);
  record.end(collector.report(end));
  expect(record.run).toMatch(/^\d{8}T\d{6}\.\d{3}Z-seed_lab_.._x$/);
  expect(readlinkSync(join(runs, 'last'))).toBe(record.run);
  expect(statSync(record.folder).mode & 0o777).toBe(0o700);
  expect(statSync(join(record.folder, 'report.json')).mode & 0o777).toBe(0o600);
  expect(statSync(join(record.folder, 'events.ndjson')).mode & 0o777).toBe(0o600);
  expect(readRun(runs, findRun(runs, 'last'))).toMatchObject({ lab: 'seed', exit: 0 });
});

test('runs are kept in the working directory, or with the state where nobody may write there', () => {
  const cwd = vi.spyOn(process, 'cwd').mockReturnValue(join(runs, '..'));
  vi.stubEnv('XDG_STATE_HOME', '/state');
  expect(runsDir()).toBe(join(runs, '../.orch/runs'));
  // Gone: root may write everywhere else.
  cwd.mockReturnValue('/nowhere');
  expect(runsDir()).toBe('/state/orch/runs');
  cwd.mockRestore();
  vi.unstubAllEnvs();
});

test('a killed run can still be read, its last line cut', async () => {
  const record = openRunRecord(runs, 'seed');
  record.write(start);
  await setImmediate();
  await setImmediate();
  appendFileSync(join(record.folder, 'events.ndjson'), '{"type":"task-do');
  expect(JSON.parse(readFileSync(join(record.folder, 'events.ndjson'), 'utf8').split('\n')[0] ?? '')).toMatchObject(
    start,
  );
  expect(readRun(runs, record.run)).toMatchObject({ lab: 'seed', exit: 130, hosts: { vm01: { ok: 0 } } });
});

test('the oldest runs go, other folders stay', async () => {
  mkdirSync(join(runs, 'mine'), { recursive: true });
  for (let i = 0; i < 205; i++) mkdirSync(join(runs, `20200101T000000.${String(i).padStart(3, '0')}Z-old`));
  const record = openRunRecord(runs, 'seed');
  await vi.waitFor(() => expect(runNames(runs)).toHaveLength(200));
  expect(runNames(runs)[0]).toBe(record.run);
  expect(runNames(runs)).not.toContain('20200101T000000.000Z-old');
  expect(statSync(join(runs, 'mine')).isDirectory()).toBe(true);
});

test('a part of a name finds a run when only one has it', () => {
  const one = openRunRecord(runs, 'one');
  openRunRecord(runs, 'two');
  expect(findRun(runs, 'one')).toBe(one.run);
  expect(() => findRun(runs, 'Z-')).toThrow(/names 2 runs/);
  expect(() => findRun(runs, 'three')).toThrow(OrchError);
});

test('a lab is known by its whole name, and has its newest run', () => {
  const start = (lab: string) => {
    const record = openRunRecord(runs, lab);
    writeFileSync(join(record.folder, 'report.json'), JSON.stringify({ version: 1, lab }));
    return record.run;
  };
  expect(() => findRun(runs, 'last')).toThrow(/no run is recorded in/);
  start('b');
  const second = start('b');
  start('a-b');
  expect(newestOfLab(runs, 'b')).toBe(second);
  expect(newestOfLab(runs, 'a')).toBeUndefined();
});

test('a lab may be on hosts that a run reached, also when it lost them then', () => {
  const record = openRunRecord(runs, 'seed');
  const none = { ok: 0, changed: 0, failed: 0, skipped: 0, unreachable: 0, rescued: 0, ignored: 0 };
  const failed = (code: 'connection-lost' | 'auth-failed') => ({ code, summary: code });
  record.end({
    ...createCollector().report(end),
    lab: 'seed',
    hosts: {
      done: { ...none, ok: 1 },
      lost: { ...none, unreachable: 1 },
      locked: { ...none, unreachable: 1 },
      untried: none,
    },
    failures: { lost: failed('connection-lost'), locked: failed('auth-failed') },
  });
  expect(hostsOfLab(runs, 'seed')).toEqual(['done', 'lost', 'untried']);
});

test('what a host says beyond measure is left out, of the events and of the report', { timeout: 120_000 }, () => {
  const record = openRunRecord(runs, 'seed');
  const collector = createCollector();
  const done = (result: unknown): RunEvent => ({
    ...{ type: 'task-done', host: 'vm01', play: 'p', task: 't', module: 'command', status: 'ok', durationMs: 1 },
    at: { file: 'lab.yml', line: 1, column: 1 },
    result,
  });
  // The last would be longer than a text can be.
  const long = 'x'.repeat(100 * 1024 * 1024);
  for (const event of [
    start,
    done({ stdout: 'short' }),
    done({ stdout: long }),
    done([1, 2, 3, 4, 5, 6].map(() => long)),
    { ...done({ stdout: 'short' }), message: long, warnings: [1, 2, 3, 4, 5, 6].map(() => long) } as RunEvent,
  ]) {
    collector.add(event);
    record.write(event);
  }
  record.end(collector.report(end));
  const leftOut = { msg: 'left out here: as JSON it has more than 33554432 characters' };
  const results = [{ stdout: 'short' }, leftOut, leftOut, leftOut];
  expect(readRun(runs, record.run)?.tasks.map(({ result }) => result)).toEqual(results);
  const lines = readFileSync(join(record.folder, 'events.ndjson'), 'utf8').trim().split('\n');
  expect(lines.slice(1).map((line) => JSON.parse(line).result)).toEqual(results);
});

test('a folder that cannot be made is said', () => {
  expect(() => openRunRecord('/dev/null/runs', 'seed')).toThrow(/cannot be written in \/dev\/null\/runs/);
});

test.each(['runs', '.'])('a folder (%s) that others may write to is refused, before anything is put there', (which) => {
  mkdirSync(runs);
  chmodSync(join(runs, '..', which), 0o777);
  expect(() => openRunRecord(runs, 'seed')).toThrow(/has mode 0777, which lets others get at it/);
  expect(runNames(runs)).toEqual([]);
});

test('a link in place of the folder is refused', () => {
  symlinkSync('/tmp', runs);
  expect(() => openRunRecord(runs, 'seed')).toThrow(OrchError);
  rmSync(runs);
});

test('a report that is no JSON is made again from the events', () => {
  const record = openRunRecord(runs, 'seed');
  record.write(start);
  record.end(createCollector().report(end));
  writeFileSync(join(record.folder, 'report.json'), '{"version": 1, ');
  expect(readRun(runs, record.run)).toMatchObject({ lab: 'seed', exit: 130 });
});

test('what a program prints without end does not fill the disk', () => {
  const record = openRunRecord(runs, 'seed');
  const event = {
    type: 'task-output',
    host: 'vm01',
    task: 'yes',
    stderr: false,
    text: 'y\n'.repeat(1_000_000),
  } as const;
  for (let count = 0; count < 20; count++) record.write(event);
  record.write({ ...event, host: 'vm02', text: 'heard' });
  record.write(start);
  record.end(createCollector().report(end));
  const file = join(record.folder, 'events.ndjson');
  expect(statSync(file).size).toBeLessThan(32_000_000);
  expect(readFileSync(file, 'utf8')).toMatch(/"heard"(.*\n)+.*run-start/);
});
