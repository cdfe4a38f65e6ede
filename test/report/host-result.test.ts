import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { parse } from 'yaml';
import { createHostPrinter, hostResult } from '../../controller/report/run/host-result.ts';
import type { TaskRecord } from '../../controller/report/types.ts';

interface Case {
  readonly says: string;
  readonly one_line?: boolean;
  readonly format?: 'yaml';
  readonly pretty?: boolean;
  readonly task: Pick<TaskRecord, 'module' | 'status' | 'result' | 'diff'>;
  readonly text?: string;
  readonly never?: string;
}

const cases = parse(readFileSync(join(import.meta.dirname, 'host-result.yml'), 'utf8')) as Case[];

test.each(cases)('$says', ({ task, one_line, format, pretty, text, never }) => {
  const at = { file: 'orch-do.yml', line: 1, column: 1 };
  const look = { ...(one_line ? { oneLine: true } : {}), ...(format ? { format } : {}), pretty };
  const printed = hostResult({ host: 'vm01', play: 'all', task: task.module, durationMs: 1, at, ...task }, look);
  if (text !== undefined) expect(printed).toBe(text);
  if (never !== undefined) expect(printed).not.toContain(never);
});

test('warnings go their own way, and nowhere else', () => {
  const printed: string[] = [];
  const warned: string[] = [];
  const elsewhere = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  const print = createHostPrinter(
    (text) => printed.push(text),
    (text) => warned.push(text),
    {},
  );
  print({ type: 'warning', message: 'of the run' });
  const task = { host: 'vm01', play: 'all', task: 'ping', module: 'ping', status: 'ok', durationMs: 1 } as const;
  const at = { file: 'orch-do.yml', line: 1, column: 1 };
  print({ type: 'task-done', ...task, at, result: { ping: 'pong' }, warnings: ['of the task'], deprecations: ['old'] });
  expect(warned).toEqual(['[WARNING]: of the run\n', '[WARNING]: of the task\n', '[DEPRECATION WARNING]: old\n']);
  expect(printed).toEqual(['vm01 | SUCCESS => {\n    "ping": "pong"\n}\n']);
  expect(elsewhere).not.toHaveBeenCalled();
  elsewhere.mockRestore();
});

test.each([
  [true, 'vm01 | UNREACHABLE!: no route\n'],
  [false, 'vm01 | UNREACHABLE! => {\n    "changed": false,\n    "msg": "no route",\n    "unreachable": true\n}\n'],
])('a host that is lost before its task, in one line: %s', (oneLine, text) => {
  const printed: string[] = [];
  const print = createHostPrinter((told) => printed.push(told), expect.fail, { oneLine });
  print({ type: 'host-failed', host: 'vm01', failure: { code: 'host-unreachable', summary: 'no route' } });
  expect(printed).toEqual([text]);
});
