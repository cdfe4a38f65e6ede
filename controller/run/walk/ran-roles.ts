import type { RoleUse } from '../../playbook/types.ts';
import type { HostWalk } from '../state.ts';
import type { Outcome } from '../task/outcome.ts';
import { rolesIn } from '../task/task-name.ts';
import type { SentTask } from '../task/task-run.ts';

/** Whether the host is through with a same use of a role, and did something of it: one that was skipped whole has not run. */
export async function hasRun(walk: HostWalk, identity: string | undefined): Promise<boolean> {
  const before = identity === undefined ? undefined : walk.through.get(identity);
  if (!before) return false;
  await walk.state.lane.drain();
  return before.some((use) => walk.ran.has(use));
}

/** The host has come to the end of a role, or was told to end it. */
export function isThrough({ through }: HostWalk, identity: string | undefined, use: RoleUse): void {
  if (identity !== undefined) through.set(identity, [...(through.get(identity) ?? []), use]);
}

/** A task's role has run, unless the task was skipped or its host not reached. */
export function noteRole({ walk, chain, task }: SentTask, { status }: Outcome): void {
  const role = rolesIn(chain).at(-1);
  if (role && task.module !== 'meta' && (status === 'ok' || status === 'changed' || status === 'failed'))
    walk.ran.add(role);
}
