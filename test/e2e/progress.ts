import type { ChildProcess } from 'node:child_process';
import { realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';

/**
 * For tests on emulated hosts, which are as slow as their machine is loaded: what bounds them is that each program they run
 * goes on (`interruptWhenStalled`), and this is only the last resort.
 */
export const unhurried = { timeout: 3_600_000 };

/** No step of a run takes this long, however loaded the machine. */
const stalledMs = 600_000;
const lookMs = 10_000;

/** How far the newest run that was recorded in a folder has come. */
function recorded(folder: string): string {
  try {
    const run = realpathSync(join(folder, '.orch/runs/last'));
    return `${run} ${statSync(join(run, 'events.ndjson')).size}`;
  } catch {
    return 'nothing';
  }
}

/** Interrupts an orch that works in this folder, as by Ctrl-C, once it has recorded nothing for ten minutes. */
export function interruptWhenStalled(child: ChildProcess, folder: string): void {
  let came = recorded(folder);
  let since = Date.now();
  const timer = setInterval(() => {
    const now = recorded(folder);
    if (now === came) {
      if (Date.now() - since > stalledMs) child.kill('SIGINT');
      return;
    }
    came = now;
    since = Date.now();
  }, lookMs);
  child.once('close', () => clearInterval(timer));
}
