import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hostFileName } from '../host-file-name.ts';
import { safeJsonLine, toldJson } from '../report/clean.ts';
import { isTelling, withoutVerdict } from '../report/run/result-text.ts';
import { sorted } from '../report/sorted.ts';
import type { RunEvent, TaskRecord } from '../report/types.ts';
import { isDataMapping } from '../template/python/atom.ts';

/** In Ansible's form: sorted, on one line unless it is shown whatever -v says. */
function kept(task: TaskRecord): string {
  const told = sorted(withoutVerdict(isDataMapping(task.result) ? task.result : {}));
  return isTelling(task) ? toldJson(told, 4) : safeJsonLine(told);
}

/** Puts what each host said last, unless it was left out, into a file of its name, as `ansible --tree` and the callback `tree` do. */
export function treeWriter(folder: string): (event: RunEvent) => void {
  mkdirSync(folder, { recursive: true });
  return (event) => {
    if (event.type !== 'task-done' || event.status === 'skipped') return;
    writeFileSync(join(folder, hostFileName(event.host)), kept(event));
  };
}
