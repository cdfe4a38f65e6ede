import { isTemplate } from '../playbook/template-check.ts';
import type { Task } from '../playbook/types.ts';
import { endsPlay, orders } from './meeting.ts';
import { whenKnown } from './pace.ts';
import { isTrue, nearest } from './settings.ts';
import type { Frame, HostWalk } from './state.ts';
import { prepareTask } from './task-run.ts';

/** True when the task is done once, by the first host, for all that met. */
export function isDoneOnce(walk: HostWalk, task: Task, frame: Frame): Promise<boolean> {
  return whenKnown(walk, () => {
    // As Ansible's lock-step has it, whose first host alone is asked for its conditions.
    if (orders(task, 'refresh_inventory', 'clear_host_errors') || endsPlay(task)) return true;
    const keyword = nearest([...frame.chain, task], 'runOnce');
    if (keyword === undefined) return false;
    return isTemplate(keyword.value) ? prepareTask(walk, task, frame, true).settings.runOnce : isTrue(keyword.value);
  });
}
