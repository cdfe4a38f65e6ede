import type { AnyAction } from '../../actions/action.ts';
import { registry as actions } from '../../actions/registry.gen.ts';
import { pluginAction } from '../../custom/plugin-action.ts';
import type { Task } from '../../playbook/types.ts';

/** What the workstation does of a task itself, or prepares; undefined: all of it is the agent's. */
export function actionOf({ plugin, module }: Task): AnyAction | undefined {
  return plugin ? pluginAction(plugin.file) : actions.get(module);
}
