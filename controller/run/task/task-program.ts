import { OrchError } from '../../../proto/errors.ts';
import type { ExecEnded } from '../../../proto/gen/orch/v1/agent.ts';
import type { ProgramAsked } from '../../actions/action.ts';
import { LocalProcess } from '../../connect/calls/local-process.ts';
import type { RunningProgram, TakeOutput } from '../../connect/calls/remote-process.ts';
import type { AgentLink } from '../hosts/agent-link.ts';
import { actor } from './agent-task.ts';
import type { TaskRun } from './task-run.ts';

/** From SIGTERM to SIGKILL. */
const graceMs = 2000;

/**
 * Starts a program of an action: by a host's agent as the task's commands run there, or without a link on the workstation as this
 * user. The task's deadline and the second Ctrl-C end it. Throws OrchError.
 */
export function startProgram(
  run: TaskRun,
  link: AgentLink | undefined,
  { on = '', argv, cwd }: ProgramAsked,
  take: TakeOutput,
): RunningProgram {
  const { environment } = run.settings;
  if (link === undefined) {
    const { playbookDir } = run.walk.play.run;
    return limited(run, new LocalProcess(argv, cwd ?? playbookDir, { ...process.env, ...environment }, take));
  }
  const as = actor(link, run, on);
  return limited(run, link.program({ ...as, argv: [...argv], cwd: cwd ?? as.cwd, netns: '', timeoutMs: 0 }, take));
}

/** The program, ended where its time is over. */
function limited({ walk, settings: { timeoutMs } }: TaskRun, program: RunningProgram): RunningProgram {
  const { cancelled } = walk.play.run.interrupt;
  let late = false;
  const end = () => {
    program.signal('SIGTERM');
    setTimeout(() => program.signal('SIGKILL'), graceMs).unref();
  };
  const onDeadline = () => {
    late = true;
    end();
  };
  const timer = timeoutMs > 0 ? setTimeout(onDeadline, Math.min(timeoutMs, 2 ** 31 - 1)) : undefined;
  if (cancelled.aborted) end();
  cancelled.addEventListener('abort', end);
  const toItsEnd = async (): Promise<ExecEnded> => {
    try {
      const ended = await program.ended;
      if (late) throw overdue(timeoutMs / 1000);
      return ended;
    } finally {
      clearTimeout(timer);
      cancelled.removeEventListener('abort', end);
    }
  };
  return {
    ended: toItsEnd(),
    write: (bytes) => program.write(bytes),
    endInput: () => program.endInput(),
    signal: (name) => program.signal(name),
  };
}

function overdue(seconds: number): OrchError {
  return new OrchError({
    code: 'task-timeout',
    summary: `Timed out after ${seconds} second(s).`,
    result: { timedout: { period: seconds } },
    hint: 'Give it more time with the task keyword timeout.',
  });
}
