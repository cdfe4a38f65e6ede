import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { logFile, logLines } from '../../controller/commands/log-file.ts';

test('a log has a time before each line, and no blank lines', () => {
  const text = logLines('\nTASK [a] ***\nok: [vm01]\n', new Date(2026, 10, 29, 9, 38, 57, 31), 'p=7 u=root');
  expect(text).toBe(
    '2026-11-29 09:38:57,031 p=7 u=root n=orch INFO| TASK [a] ***\n2026-11-29 09:38:57,031 p=7 u=root n=orch INFO| ok: [vm01]\n',
  );
});

test("a new log is the user's alone", () => {
  const folder = mkdtempSync(join(tmpdir(), 'orch-log-'));
  const path = join(folder, 'run.log');
  logFile(path).write('ok: [vm01]\n');
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(readFileSync(path, 'utf8')).toContain('ok: [vm01]');
  rmSync(folder, { recursive: true });
});
