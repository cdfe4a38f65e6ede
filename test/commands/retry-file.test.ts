import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { writeRetryFile } from '../../controller/commands/retry-file.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'orch-retry-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const counts = { ok: 1, changed: 0, unreachable: 0, failed: 0, skipped: 0, rescued: 0, ignored: 0 };
const hosts = {
  vm03: { ...counts, unreachable: 1 },
  vm01: { ...counts, failed: 1 },
  vm02: { ...counts, rescued: 1, ignored: 2 },
};
const enabled = { retryFilesEnabled: true, retryFilesSavePath: undefined };

test('hosts that failed or were not reached stand beside the playbook', () => {
  const said = writeRetryFile(join(folder, 'lab.yml'), { hosts }, enabled);
  expect(said).toBe(`to retry, use: --limit @${folder}/lab.retry`);
  expect(readFileSync(join(folder, 'lab.retry'), 'utf8')).toBe('vm01\nvm03\n');
});

test('or in the folder that the settings name', () => {
  writeRetryFile('lab.yml', { hosts }, { ...enabled, retryFilesSavePath: join(folder, 'deep/er') });
  expect(readdirSync(join(folder, 'deep/er'))).toEqual(['lab.retry']);
});

test('nothing is written where nobody asks, or nothing failed', () => {
  const playbook = join(folder, 'lab.yml');
  expect(writeRetryFile(playbook, { hosts }, { ...enabled, retryFilesEnabled: false })).toBeUndefined();
  expect(writeRetryFile(playbook, { hosts: { vm02: hosts.vm02 } }, enabled)).toBeUndefined();
  expect(readdirSync(folder)).toEqual([]);
});

test('a folder that can’t be says so', () => {
  writeFileSync(join(folder, 'file'), '');
  const said = writeRetryFile('lab.yml', { hosts }, { ...enabled, retryFilesSavePath: join(folder, 'file/er') });
  expect(said).toContain(`could not write ${folder}/file/er/lab.retry: ENOTDIR`);
});
