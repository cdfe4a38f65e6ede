import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { safeJson } from '../report/clean.ts';
import type { RunEvent } from '../report/types.ts';

/** Puts what each host said last into a file of its name, as `ansible --tree` and the callback `tree` do. */
export function treeWriter(folder: string): (event: RunEvent) => void {
  mkdirSync(folder, { recursive: true });
  return (event) => {
    if (event.type !== 'task-done') return;
    // A name may come from what another host said (add_host), and must not lead out of the folder.
    writeFileSync(join(folder, event.host.replaceAll('/', '_')), safeJson(event.result, undefined));
  };
}
