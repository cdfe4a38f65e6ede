import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { DaemonLog } from '../../../agent/linux/daemons/log.ts';

let folder: string;
let log: DaemonLog;
const write = (text: string) => appendFileSync(log.path, text);

/** All from a position to the end. */
function rest(from: number): string {
  let text = '';
  for (let position = from; ; ) {
    const { bytes, next } = log.read(position, 7);
    if (bytes.length === 0) return text;
    text += bytes.toString();
    position = next;
  }
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'orch-log-'));
  log = new DaemonLog(join(folder, 'x.log'));
  log.limit = 20;
});
afterEach(() => rmSync(folder, { recursive: true }));

test('the last lines are found, with and without an end of line', () => {
  expect(rest(log.tail(5))).toBe('');
  write('one\ntwo\nthree');
  expect([0, 1, 2, 3, 9].map((lines) => rest(log.tail(lines)))).toEqual([
    '',
    'three',
    'two\nthree',
    'one\ntwo\nthree',
    'one\ntwo\nthree',
  ]);
  write('\n\n');
  expect(rest(log.tail(2))).toBe('three\n\n');
});

test('many lines are found piece by piece', () => {
  log.limit = 1e9;
  const lines = Array.from({ length: 30_000 }, (_, at) => `line ${at}\n`);
  write(lines.join(''));
  const { bytes } = log.read(log.tail(20_000));
  expect(bytes.toString()).toBe(lines.slice(-20_000).join(''));
});

test('a log that is too long keeps its last part, and readers lose nothing', () => {
  write('aaaaaaaaa\nbbbbbbbbb\n');
  const middle = 10;
  log.trim();
  expect(readdirSync(folder)).toEqual(['x.log']);
  write('c\n');
  log.trim();
  expect(statSync(log.path).size).toBe(0);
  expect(readFileSync(`${log.path}.1`, 'utf8')).toBe('aaaaaaa\nbbbbbbbbb\nc\n');
  write('d\n');
  expect(rest(middle)).toBe('bbbbbbbbb\nc\nd\n');
  expect(rest(0)).toBe('aaaaaaa\nbbbbbbbbb\nc\nd\n');
  expect(rest(log.tail(2))).toBe('c\nd\n');
  expect(rest(log.tail(3))).toBe('bbbbbbbbb\nc\nd\n');
  write('e'.repeat(30));
  log.trim();
  expect(rest(0)).toBe('e'.repeat(20));
  log.remove();
  expect(readdirSync(folder)).toEqual([]);
});

test('it is for root alone', () => {
  log.say('started');
  expect(statSync(log.path).mode & 0o777).toBe(0o600);
  expect(rest(0)).toBe('orch: started\n');
});
