import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { Action } from '../../../agent/linux/action.ts';
import { LinuxHost as RealHost } from '../../../agent/linux/linux-host.ts';

/**
 * Where the host is told at which of its next changes the agent dies: "3 before", "3 after"; or stands still there, for
 * something worse to happen: "3 before still".
 */
export const dieAt = '/run/orch-dies-at';

/** This machine, until an order comes true: then the agent is killed as by kill -9, before or after that change. */
export class LinuxHost extends RealHost {
  override async apply(action: Action): Promise<void> {
    const { when, how } = countDown() ?? {};
    if (when === 'before') return end(how);
    await super.apply(action);
    if (when === 'after') return end(how);
  }
}

interface Order {
  readonly when: string;
  readonly how: string;
}

/** Counts one change; gives the order, if this is the one. */
function countDown(): Order | undefined {
  let text: string;
  try {
    text = readFileSync(dieAt, 'utf8');
  } catch {
    return undefined;
  }
  const [left = '0', when = 'before', how = 'dead'] = text.trim().split(' ');
  if (Number(left) <= 1) {
    rmSync(dieAt);
    return { when, how };
  }
  writeFileSync(dieAt, `${Number(left) - 1} ${when} ${how}`);
  return undefined;
}

/** The order's file is gone by now, which tells that the moment has come. */
function end(how: string | undefined): Promise<never> {
  if (how !== 'still') process.kill(process.pid, 'SIGKILL');
  return new Promise(() => undefined);
}
