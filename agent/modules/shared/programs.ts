import { OrchError } from '../../../proto/errors.ts';
import type { ExecResult, Host, HostCommand } from '../../linux/host.ts';
import type { Action } from '../module.ts';

/** The change that a program makes. */
export function execAction(
  argv: readonly string[],
  more: Omit<HostCommand, 'argv'> = {},
): Extract<Action, { op: 'exec' }> {
  return { op: 'exec', command: { argv, ...more } };
}

/** Asks a program in words that do not depend on the host's language; any status is an answer. */
export function ask(host: Host, argv: readonly string[], more: Omit<HostCommand, 'argv'> = {}): Promise<ExecResult> {
  return host.exec({ argv, ...more, env: { LC_ALL: 'C', ...more.env } }, { onlyReads: true });
}

/** What a program answers. Throws OrchError with its words where its status is another than 0. */
export async function answerOf(host: Host, argv: readonly string[], more?: Omit<HostCommand, 'argv'>): Promise<string> {
  const { status, stdout, stderr } = await ask(host, argv, more);
  if (status === 0) return stdout;
  throw taskFailed(`${argv[0]} failed: ${stderr.trim() || `status ${status}`}`);
}

export function taskFailed(summary: string, hint?: string, result?: Readonly<Record<string, unknown>>): OrchError {
  return new OrchError({ code: 'task-failed', summary, result, ...(hint === undefined ? {} : { hint }) });
}
