import { expect, test } from 'vitest';
import { createPlaysPrinter } from '../../controller/report/run/plays-json.ts';
import type { RunEvent, TaskRecord } from '../../controller/report/types.ts';

const at = { file: '/lab.yml', line: 3, column: 5 };
const summary = { ok: 1, changed: 0, failed: 1, skipped: 0, unreachable: 0, rescued: 0, ignored: 0 };
const done = (host: string, status: TaskRecord['status'], result: unknown): RunEvent => {
  return { type: 'task-done', host, play: 'lab', task: 'say', module: 'debug', at, status, durationMs: 5, result };
};

test('a run is told as plays with their tasks, and those with what hosts came to', () => {
  let text = '';
  const print = createPlaysPrinter(
    (piece) => {
      text += piece;
    },
    () => expect.unreachable(),
    true,
    () => '2026-01-01T00:00:00.000Z',
  );
  print({ type: 'play-start', play: 'lab', at, hosts: ['vm01', 'vm02'] });
  print(done('vm01', 'ok', { msg: 'hi', changed: false, failed: false }));
  print(done('vm02', 'failed', { msg: 'no', changed: false, failed: true }));
  print(done('vm01', 'ok', { censored: 'hidden', changed: false }));
  const changed = done('vm02', 'changed', { changed: true, skipped: false });
  print({
    ...changed,
    diff: { before: '', after: 'x', afterPath: '/a', more: [{ before: 'y', after: '' }] },
  } as RunEvent);
  const report = { hosts: { vm01: summary }, tasks: [], stats: { hosts: {}, run: { x: 1 } } };
  print({ type: 'run-end', report } as unknown as RunEvent);

  const duration = { end: '2026-01-01T00:00:00.000Z', start: '2025-12-31T23:59:59.995Z' };
  const task = { name: 'say', path: '/lab.yml:3', duration };
  const part = { action: 'debug', changed: false, _ansible_no_log: false };
  expect(JSON.parse(text)).toMatchObject({
    custom_stats: {},
    global_custom_stats: { x: 1 },
    plays: [
      {
        play: { name: 'lab', path: '/lab.yml:3' },
        tasks: [
          { task, hosts: { vm01: { ...part, msg: 'hi' }, vm02: { ...part, msg: 'no', failed: true } } },
          {
            task,
            hosts: {
              vm01: { action: 'debug', censored: 'hidden', _ansible_no_log: true },
              vm02: {
                ...part,
                changed: true,
                diff: [
                  { before: '', after: 'x', after_header: '/a' },
                  { before: 'y', after: '' },
                ],
              },
            },
          },
        ],
      },
    ],
    stats: { vm01: { ok: 1, failures: 1 } },
  });
});
