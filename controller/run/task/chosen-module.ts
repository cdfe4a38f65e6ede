import { OrchError } from '../../../proto/errors.ts';
import type { Task } from '../../playbook/types.ts';
import { str } from '../../template/python/text.ts';
import { Pending } from '../signals.ts';
import type { Frame, HostWalk } from '../state.ts';
import { whenKnown } from './pace.ts';
import { prepareTask } from './task-run.ts';

/** The task with the module that its `action` chooses for this host; one that fails where it can't be. */
export async function withChosenModule(walk: HostWalk, task: Task, frame: Frame): Promise<Task> {
  const { chooses } = task;
  if (!chooses) return task;
  return whenKnown(walk, () => {
    try {
      return chooses.task(str(prepareTask(walk, task, frame, true).scope.render(chooses.name)));
    } catch (error) {
      if (error instanceof Pending || !(error instanceof OrchError)) throw error;
      // What is told of it is no template.
      const msg = error.summary.replaceAll('{', '');
      return { ...task, module: 'fail', args: { ...task.args, value: { msg } } };
    }
  });
}
