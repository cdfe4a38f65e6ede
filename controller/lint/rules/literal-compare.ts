import { at, defineRule } from './rule.ts';
import { conditionsOf } from './shared/conditions.ts';

const literal = /[=!]=\s*(?:true|false)\b/i;

export const rule = defineRule({
  name: 'literal-compare',
  summary: 'A condition compares with true or false in place of being one.',
  find: ({ tasks }) =>
    tasks
      .flatMap(({ mapping }) => conditionsOf(mapping))
      .flatMap((condition) =>
        literal.test(condition.value) ? [at(condition, 'Write `x` or `not x`, without true and false.')] : [],
      ),
});
