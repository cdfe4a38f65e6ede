import { child } from '../../source/origins.ts';
import { at, defineRule, ofTasks } from './rule.ts';

export const rule = defineRule({
  name: 'deprecated-local-action',
  summary: 'local_action is written as delegate_to: localhost.',
  find: ofTasks(({ mapping }) => {
    const action = child(mapping, 'local_action');
    return action ? [at(action, 'Write the module itself, with `delegate_to: localhost`.', 'key')] : [];
  }),
});
