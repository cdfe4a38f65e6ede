import * as z from 'zod';
import { OrchError } from '../../proto/errors.ts';
import { exactJson } from '../../proto/exact-json.ts';
import { isWholeTemplate } from '../template/compile.ts';
import { type ActionContext, type ActionResult, defineAction } from './action.ts';

export const action = defineAction({
  name: 'debug',
  summary: 'Print a message or a variable.',
  examples: ['debug:\n  msg: "route goes by {{ gateway }}"', 'debug:\n  var: result.stdout_lines'],
  params: z.strictObject({
    msg: z.unknown().optional().describe('What to print; default "Hello world!".'),
    var: z.string().optional().describe('Expression to print, instead of msg.'),
    verbosity: z.int().optional().describe('Skipped unless -v was given so often.'),
  }),
  raw: ['var'],
  local: true,
  run: async (params, context): Promise<ActionResult> => {
    if ((params.verbosity ?? 0) > context.verbosity) {
      return { status: 'skipped', result: { skipped_reason: 'Verbosity threshold not met.' } };
    }
    if (params.var !== undefined && params.msg !== undefined) {
      const summary = 'parameters are mutually exclusive: msg|var';
      throw new OrchError({ code: 'invalid-parameter', summary, where: context.at });
    }
    if (params.var !== undefined) {
      const name = named(params.var, context);
      const errors: string[] = [];
      const value = shownValue(name, context, errors);
      const head = `Encountered ${errors.length} template error${errors.length === 1 ? '' : 's'}.`;
      const warnings = errors.length > 0 ? [[head, ...errors].join('\n')] : undefined;
      return { status: 'ok', result: { [name]: value }, warnings };
    }
    // Nothing is a message, too, where the task says it.
    const msg = params.msg === undefined ? 'Hello world!' : params.msg;
    return { status: 'ok', message: text(msg), result: { msg } };
  },
});

/** `{{ item }}` that gives a variable's name, and members of it, means that one; other texts are never evaluated. */
function named(expression: string, context: ActionContext): string {
  if (!isWholeTemplate(expression)) return expression;
  const value = context.evaluate(expression, ['var']);
  return typeof value === 'string' && /^[A-Za-z_]\w*(?:\.\w+|\[\d+\])*$/.test(value) ? value : expression;
}

/** What is not defined is said in its place, not failed, as in Ansible; `errors` gets a line for each. */
function shownValue(expression: string, context: ActionContext, errors: string[]): unknown {
  try {
    return context.evaluate(expression, ['var']);
  } catch (error) {
    if (!(error instanceof OrchError && error.code === 'undefined-variable')) throw error;
    const keys = keysOf(`(${expression})`, context);
    if (keys === undefined) {
      const why = `error ${errors.length + 1} - ${error.summary}`;
      errors.push(why);
      return `<< ${why} >>`;
    }
    const member = (key: unknown) => shownValue(`(${expression})[${JSON.stringify(key)}]`, context, errors);
    if (typeof keys === 'number') return Array.from({ length: keys }, (_, index) => member(index));
    return Object.fromEntries(keys.map((key) => [String(key), member(key)]));
  }
}

/** The keys of a mapping or the length of a list that has a member which is not defined; undefined: it is not defined itself. */
function keysOf(value: string, context: ActionContext): readonly unknown[] | number | undefined {
  const test = `${value} | list if ${value} is mapping else ${value} | length if ${value} is sequence and ${value} is not string`;
  try {
    const keys = context.evaluate(test, ['var']);
    return Array.isArray(keys) || typeof keys === 'number' ? keys : undefined;
  } catch (error) {
    if (error instanceof OrchError) return undefined;
    throw error;
  }
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : exactJson(value, 2);
}
