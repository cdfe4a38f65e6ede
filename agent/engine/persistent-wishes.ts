import { OrchError } from '../../proto/errors.ts';
import type { Task } from '../../proto/gen/orch/v1/agent.ts';
import type { KeptTask } from './kept-plan.ts';

/** What starts an agent whenever the host is started. */
export interface BootService {
  /** Why there is none; undefined: there can be one. */
  readonly problem: string | undefined;
  /** Has it there, or takes every trace of it away. Throws errors of the file system. */
  want(wanted: boolean): void;
}

/** What one run wishes to be there also after the host was started anew. */
export class PersistentWishes {
  readonly tasks: KeptTask[] = [];
  private readonly boots: BootService | undefined;

  constructor(boots: BootService | undefined) {
    this.boots = boots;
  }

  /** Throws OrchError 'unsupported-by-host' where nothing would bring it back. */
  require(): void {
    const problem = this.boots === undefined ? 'this agent is not started with the host' : this.boots.problem;
    if (problem === undefined) return;
    throw new OrchError({
      code: 'unsupported-by-host',
      summary: `A play with persist needs systemd on the host, which starts the agent with it: ${problem}.`,
      hint: 'Leave persist out of the play, and run it again after each start of the host.',
    });
  }

  /** The wish has come true; `objects`: what it is about. */
  add({ module, runAs, environment, where, noLog, cwd }: Task, paramsJson: string, objects: readonly string[]): void {
    // Another value of the same parameters takes the place of this one; other parameters of the same object do not.
    const said = Object.keys(JSON.parse(paramsJson) as Record<string, unknown>).sort();
    const key = JSON.stringify([module, [...objects].sort(), said]);
    const at = this.tasks.findIndex((task) => task.key === key);
    if (at >= 0) this.tasks.splice(at, 1);
    this.tasks.push({ key, module, paramsJson, runAs, environment, where, noLog, cwd });
  }
}
