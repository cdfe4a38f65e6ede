import { type FilePlace, OrchError } from '../../proto/errors.ts';
import type { Common, Entry, Task } from '../playbook/types.ts';
import type { SelectedPlay } from '../run/input/play-hosts.ts';
import { Pending } from '../run/signals.ts';
import type { RunContext, ScopedPlay } from '../run/state.ts';
import { eachItem } from '../run/task/items.ts';
import { hiddenParams, type Params } from '../run/task/task-params.ts';
import { skipped } from '../run/task/task-run.ts';

/** What a task, or one item of its loop, will ask of a host, as is known before the run. */
export interface KnownTask {
  /** The playbook that led to it: others are not run along with it. */
  readonly playbook: string;
  readonly host: string;
  readonly module: string;
  /** Defaults filled in. */
  readonly params: Params;
  readonly at: FilePlace;
}

/** The tasks of some modules, in a playbook, whose conditions and parameters don't hang on what a run finds, in order. */
export function knownTasks(
  playbook: string,
  plays: readonly SelectedPlay[],
  modules: ReadonlySet<string>,
  scope: RunContext['scope'],
): readonly KnownTask[] {
  const found: KnownTask[] = [];
  const visit = (entry: Entry, chain: readonly Common[], play: ScopedPlay): void => {
    const whole = [...chain, entry];
    if (entry.kind === 'task') {
      if (modules.has(entry.module)) {
        for (const host of play.hosts) {
          found.push(...knownItems(entry, whole, host, play, scope).map((item) => ({ playbook, ...item })));
        }
      }
      return;
    }
    const inside = entry.kind === 'block' ? [...entry.block, ...entry.rescue, ...entry.always] : (entry.entries ?? []);
    for (const inner of inside) visit(inner, whole, play);
  };
  for (const { play, hosts } of plays) {
    const scoped: ScopedPlay = { play, name: play.name ?? play.hosts.value, hosts, batch: hosts };
    for (const entry of play.entries) visit(entry, [], scoped);
  }
  return found;
}

function knownItems(
  task: Task,
  chain: readonly Common[],
  host: string,
  play: ScopedPlay,
  scopeOf: RunContext['scope'],
): readonly Omit<KnownTask, 'playbook'>[] {
  // What is done elsewhere is asked of another host.
  if (chain.some(({ delegateTo }) => delegateTo)) return [];
  try {
    const roles = chain.flatMap(({ role }) => role ?? []);
    const vars = chain.map((entry) => entry.vars);
    const found: Omit<KnownTask, 'playbook'>[] = [];
    for (const item of eachItem({ task, scope: scopeOf(play, { host, vars, params: [], locals: {}, roles }) })) {
      if (skipped({ chain }, item.scope) !== undefined) continue;
      const params = hiddenParams(task, item.scope);
      if (params) found.push({ host, module: task.module, params, at: task.at });
    }
    return found;
  } catch (error) {
    if (error instanceof Pending || error instanceof OrchError) return [];
    throw error;
  }
}
