import * as z from 'zod';
import { exactJson } from '../../proto/exact-json.ts';
import type { Located } from '../source/located.ts';
import { items } from '../source/origins.ts';
import { str } from '../template/python/text.ts';
import { type ActionContext, type ActionResult, defineAction } from './action.ts';

const condition = z.union([z.string(), z.boolean()]);
type Condition = z.infer<typeof condition>;
const message = z.union([z.string(), z.array(z.string())]).optional();

const lines = (said: string | readonly string[]): string => (typeof said === 'string' ? said : said.join('\n'));

/** What must hold: one condition, or all of a list, which may be what a file says of a variable. */
function conditionsOf(that: Located<Condition | Condition[]>, context: ActionContext): readonly Located<Condition>[] {
  const list = context.written(that);
  if (!list || !Array.isArray(list.value)) return [that as Located<Condition>];
  return items({ ...list, value: list.value }).map(({ value, ...at }) => ({
    ...at,
    value: typeof value === 'boolean' ? value : str(value),
  }));
}

export const action = defineAction({
  name: 'assert',
  summary: 'Fail unless all conditions hold.',
  examples: [
    'assert:\n  that:\n    - result.rc == 0\n    - "\'reached\' in result.stdout"\n  fail_msg: the gateway does not answer',
  ],
  params: z.strictObject({
    that: z.union([condition, z.array(condition)]).describe('Expressions that must all hold.'),
    fail_msg: message.describe('What to say when one does not hold.'),
    msg: message.describe('The same as fail_msg.'),
    success_msg: message.describe('What to say when all hold.'),
    quiet: z.boolean().optional().describe('Say nothing when all hold.'),
  }),
  raw: ['that'],
  local: true,
  run: async (params, context): Promise<ActionResult> => {
    for (const condition of conditionsOf(context.located(params.that, ['that']), context)) {
      const holds = context.holds(condition);
      const assertion = condition.value;
      if (holds) continue;
      const own = params.fail_msg ?? params.msg;
      const why = own === undefined ? `Assertion failed: ${assertion}` : lines(own);
      return {
        status: 'failed',
        message: params.quiet ? undefined : why,
        result: { assertion, evaluated_to: holds, msg: own ?? 'Assertion failed' },
        failure: {
          code: 'task-failed',
          summary: why,
          detail: `${assertion} is ${exactJson(holds)}`,
        },
      };
    }
    const said = params.success_msg ?? 'All assertions passed';
    return { status: 'ok', message: params.quiet ? undefined : lines(said), result: { msg: said } };
  },
});
