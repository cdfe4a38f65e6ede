import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { Action } from '../../../agent/linux/action.ts';
import { LinuxHost as RealHost } from '../../../agent/linux/linux-host.ts';

/** Where the host is told at which of its next changes the agent dies: "3 before", "3 after". */
export const dieAt = '/run/orch-dies-at';

/** This machine, until an order comes true: then the agent is killed as by kill -9, before or after that change. */
export class LinuxHost extends RealHost {
  override async apply(action: Action): Promise<void> {
    const dies = countDown();
    if (dies === 'before') return die();
    await super.apply(action);
    if (dies === 'after') return die();
  }
}

/** Counts one change; gives when to die, if this is the one. */
function countDown(): string | undefined {
  let text: string;
  try {
    text = readFileSync(dieAt, 'utf8');
  } catch {
    return undefined;
  }
  const [left = '0', when = 'before'] = text.trim().split(' ');
  if (Number(left) <= 1) {
    rmSync(dieAt);
    return when;
  }
  writeFileSync(dieAt, `${Number(left) - 1} ${when}`);
  return undefined;
}

function die(): Promise<never> {
  process.kill(process.pid, 'SIGKILL');
  return new Promise(() => undefined);
}
