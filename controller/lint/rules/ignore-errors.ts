import { child } from '../../source/origins.ts';
import { at, defineRule, ofTasks } from './rule.ts';

export const rule = defineRule({
  name: 'ignore-errors',
  summary: 'An error is ignored and its result is not even registered.',
  find: ofTasks(({ mapping }) => {
    const ignores = child(mapping, 'ignore_errors');
    if (ignores?.value !== true || Object.hasOwn(mapping.value, 'register')) return [];
    return [at(ignores, 'All errors are ignored: say failed_when, or register the result and judge it.', 'key')];
  }),
});
