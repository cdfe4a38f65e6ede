import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { hostResult } from '../../controller/report/run/host-result.ts';
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
