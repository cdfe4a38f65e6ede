import type { Host } from '../../../linux/host.ts';
import type { Action, RunContext, Step } from '../../module.ts';
import { taskFailed } from '../programs.ts';
import { modeText } from './mode.ts';

function programOf(action: Action): readonly string[] | undefined {
  if (action.op === 'exec') return action.command.argv;
  if (action.op !== 'file') return undefined;
  const { file } = action;
  if (file.do === 'owner') return ['chown', '-h', `${file.uid}:${file.gid}`, '--', file.path];
  return file.do === 'mode' ? ['chmod', modeText(file.mode), '--', file.path] : undefined;
}

/**
 * Steps for owner, permissions and attributes, in a module that plans nothing: by programs, which the task's user runs.
 * Throws OrchError with their words.
 */
export async function carryOut(steps: readonly Step[], host: Host, { signal }: RunContext): Promise<void> {
  for (const { action } of steps) {
    const argv = programOf(action);
    if (argv === undefined) continue;
    const { status, stderr } = await host.exec({ argv, runAs: host.runAs }, { signal, onlyReads: true });
    if (status !== 0) throw taskFailed(stderr.trim());
  }
}
