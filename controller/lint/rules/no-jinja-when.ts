import { at, defineRule } from './rule.ts';
import { conditionsOf } from './shared/conditions.ts';

export const rule = defineRule({
  name: 'no-jinja-when',
  summary: 'A condition is an expression already, and has no {{ }}.',
  find: ({ tasks }) =>
    tasks
      .flatMap(({ mapping }) => conditionsOf(mapping))
      .flatMap((condition) =>
        /\{\{|\{%/.test(condition.value) ? [at(condition, 'Write the expression alone, without {{ }}.')] : [],
      ),
});
