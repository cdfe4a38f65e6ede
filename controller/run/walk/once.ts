import type { Common, Play, Task } from '../../playbook/types.ts';
import { isTemplate } from '../../playbook/values/template-check.ts';
import type { Frame, HostWalk } from '../state.ts';
import { whenKnown } from '../task/pace.ts';
import { isTrue, nearest } from '../task/settings.ts';
import { prepareTask } from '../task/task-run.ts';
import { endsPlay, orders } from './meeting.ts';

/** True when the task may be done once, by the first host, for all that meet before it. */
export function mayBeDoneOnce(task: Task, chain: readonly Common[], { strategy }: Pick<Play, 'strategy'>): boolean {
  // As Ansible's lock-step has it, whose first host alone is asked for its conditions.
  if (orders(task, 'refresh_inventory', 'clear_host_errors')) return true;
  if ((strategy ?? 'linear') === 'linear' && (orders(task, 'clear_facts') || endsPlay(task))) return true;
  const keyword = nearest(chain, 'runOnce');
  return keyword !== undefined && (isTemplate(keyword.value) || isTrue(keyword.value));
}

/** Of such a task: whether it is done once, which a template says for the first of the hosts that met. */
export function isDoneOnce(walk: HostWalk, task: Task, frame: Frame, first: string): Promise<boolean> {
  const keyword = nearest([...frame.chain, task], 'runOnce');
  if (keyword === undefined || !isTemplate(keyword.value)) return Promise.resolve(true);
  return whenKnown(walk, () => prepareTask({ ...walk, host: first }, task, frame, true).settings.runOnce);
}
