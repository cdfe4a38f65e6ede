import { cleanLine, safeJsonLine } from '../clean.ts';
import type { Style } from '../style.ts';
import type { Failure, RunEvent, TaskName } from '../types.ts';
import { isUnreachable } from './collect.ts';
import { type Detail, triedText } from './result-text.ts';

/** A warning, with whom and what it is about. */
export function warningText(
  style: Style,
  warning: { host?: string; task?: string; message: string },
  title = 'WARNING',
): string {
  const host = warning.host === undefined ? '' : ` [${warning.host}]`;
  const task = warning.task === undefined ? '' : ` ${warning.task}:`;
  return style.note(cleanLine(`[${title}]:${host}${task} ${warning.message}`));
}

/** A host that was lost between tasks. */
export function lostText(host: string, { code, summary }: Failure): string {
  const unreachable = isUnreachable(code);
  const result = { changed: false, msg: summary, ...(unreachable ? { unreachable } : {}) };
  return `fatal: [${cleanLine(host)}]: ${unreachable ? 'UNREACHABLE' : 'FAILED'}! => ${safeJsonLine(result)}`;
}

/** That a host has begun a task. */
export function startText({ host, task, flush }: TaskName): string {
  return cleanLine(` [started ${flush === undefined ? 'TASK' : 'HANDLER'}: ${task} on ${host}]`);
}

/** That a task is tried again, as Ansible tells it. */
export function retryText(event: Extract<RunEvent, { type: 'task-retry' }>, detail: Detail): string {
  const { host, shown, retriesLeft } = event;
  return `FAILED - RETRYING: [${cleanLine(host)}]: ${cleanLine(shown)} (${retriesLeft} retries left).${triedText(event, detail)}`;
}
