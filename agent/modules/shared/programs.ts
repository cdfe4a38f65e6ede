import { OrchError } from '../../../proto/errors.ts';
import type { ExecResult, Host, HostCommand } from '../../linux/host.ts';
import type { Action } from '../module.ts';

/** The change that a program makes. */
export function execAction(argv: readonly string[], more: Omit<HostCommand, 'argv'> = {}): Action {
  return { op: 'exec', command: { argv, ...more } };
}

/** Asks a program in words that do not depend on the host's language; any status is an answer. */
export function ask(host: Host, argv: readonly string[], more: Omit<HostCommand, 'argv'> = {}): Promise<ExecResult> {
  return host.exec({ argv, ...more, env: { LC_ALL: 'C', ...more.env } }, { onlyReads: true });
}

export function taskFailed(summary: string, hint?: string): OrchError {
  return new OrchError({ code: 'task-failed', summary, ...(hint === undefined ? {} : { hint }) });
}
