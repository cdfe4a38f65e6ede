import { OrchError } from '../../../proto/errors.ts';
import type { Task } from '../../../proto/gen/orch/v1/agent.ts';
import type { Wished } from './kept-plan.ts';

/** What starts an agent whenever the host is started. */
export interface BootService {
  /** Why there is none; undefined: there can be one. */
  readonly problem: string | undefined;
  /** Has it there, or takes every trace of it away. Throws errors of the file system. */
  want(wanted: boolean): void;
}

/** What one run wishes to be there also after the host was started anew. */
export class PersistentWishes {
  readonly tasks: Wished[] = [];
  readonly owned: ReadonlySet<string>;
  private readonly boots: BootService | undefined;

  /** `owned`: what the lab wished before, and has brought about. */
  constructor(boots: BootService | undefined, owned: ReadonlySet<string>) {
    this.boots = boots;
    this.owned = owned;
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
    // Another value of the same parameters takes the place of this one, and another route to the same network; other parameters
    // of the same object do not.
    const said = module === 'route' ? [] : Object.keys(JSON.parse(paramsJson) as Record<string, unknown>).sort();
    const key = JSON.stringify([module, [...objects].sort(), said]);
    const at = this.tasks.findIndex((task) => task.key === key);
    if (at >= 0) this.tasks.splice(at, 1);
    this.tasks.push({ key, module, paramsJson, runAs, environment, where, noLog, cwd, objects: [...objects] });
  }
}
