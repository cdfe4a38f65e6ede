import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { treeWriter } from '../../controller/commands/tree-writer.ts';
import type { TaskRecord } from '../../controller/report/types.ts';

test("files have the form of Ansible's and stay in their folder, and none is there for a host that was left out", () => {
  const folder = mkdtempSync(join(tmpdir(), 'orch-tree-'));
  try {
    const write = treeWriter(folder);
    const at = { file: 'orch-do.yml', line: 1, column: 1 };
    const result = { msg: 'hi', changed: false, failed: false };
    const told = (host: string, module: string, status: TaskRecord['status']) =>
      write({ type: 'task-done', host, play: 'all', task: module, at, module, status, durationMs: 1, result });
    told('vm01', 'debug', 'ok');
    told('vm02', 'ping', 'failed');
    told('vm03', 'ping', 'skipped');
    told('..', 'ping', 'ok');
    const read = (host: string) => readFileSync(join(folder, host), 'utf8');
    expect(readdirSync(folder)).toEqual(['_', 'vm01', 'vm02']);
    expect(read('vm01')).toBe('{\n    "changed": false,\n    "msg": "hi"\n}');
    expect(read('vm02')).toBe('{"changed": false, "msg": "hi"}');
  } finally {
    rmSync(folder, { recursive: true });
  }
});
