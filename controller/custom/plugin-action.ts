import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import * as z from 'zod';
import { resultOf } from '../../agent/modules/shared/module-output.ts';
import { OrchError } from '../../proto/errors.ts';
import { exactJson, readDataJson } from '../../proto/exact-json.ts';
import type { ActionContext, ActionResult, AnyAction, AskedInstead, ForPlugin } from '../actions/action.ts';
import { Fault } from '../template/fault.ts';
import { TemplateError } from '../template/types.ts';
import { hostCommand } from './plugin-process.ts';
import { receivedValue, sentValue } from './plugin-values.ts';

type Data = Readonly<Record<string, unknown>>;

/** What a plugin asks orch to do: a module on the task's host, another action, or to find a file. */
const askedWork = z.object({
  name: z.string(),
  args: z.record(z.string(), z.unknown()).default({}),
  check: z.boolean().nullish(),
  folder: z.enum(['files', 'templates', 'vars', 'tasks']).default('files'),
});

/** The action that an action plugin of the playbook's own is; its process asks for all that it does on the host. */
export function pluginAction(file: string): AnyAction {
  return {
    name: 'action_plugin',
    summary: "Runs an action plugin of the playbook's own.",
    examples: [],
    params: z.record(z.string(), z.unknown()),
    async run(args: Data, context): Promise<ActionResult> {
      const { title: name, check, playbookDir: basedir, host, verbosity, isLocal: is_local } = context;
      const means = context.forPlugin();
      const { module: action, diff, noLog: no_log, becomeUser: become_user = null } = means;
      const keywords = { check_mode: check, diff, no_log, become_user, become: become_user !== null };
      const task = { ...keywords, action, name, args: sentValue(args), async_val: 0, poll: 0, delegate_to: null };
      const said = { basedir, host, verbosity, is_local, task };
      const question = { does: 'act', file, name: `ansible.plugins.action.${action}`, said };
      const answer = await talk(question, (what, of) => answered(what, of, context, means), context.signal);
      if (typeof answer.error === 'string' || typeof answer.unsupported === 'string') {
        const message = String(answer.error ?? answer.unsupported);
        return { status: 'failed', message, result: { changed: false } };
      }
      return actionResult(action, receivedValue(answer.value));
    },
  };
}

function actionResult(action: string, value: unknown): ActionResult {
  const given = typeof value === 'object' && value !== null ? (value as Data) : {};
  const { changed, failed, skipped, ...rest } = resultOf(action, given);
  const status = failed ? 'failed' : skipped ? 'skipped' : changed ? 'changed' : 'ok';
  return { ...rest, status, result: { ...rest.result, changed } };
}

/** The answer to what a plugin asks; what is wrong with the question itself the plugin is told. */
async function answered(what: string, of: unknown, context: ActionContext, means: ForPlugin): Promise<Data> {
  try {
    if (!['module', 'action', 'find'].includes(what)) return { value: await means.known(what, of) };
    const { name, args, check, folder } = askedWork.parse(receivedValue(of));
    if (what === 'find') return { value: context.findSource(name, folder) };
    const asked = { isAction: what === 'action', name, params: args, check: check ?? context.check };
    return { value: sentValue(await doneInstead(asked, means)) };
  } catch (error) {
    if (error instanceof OrchError) return { error: error.summary };
    if (error instanceof Fault || error instanceof TemplateError) return { error: error.message };
    throw error;
  }
}

/** What a module or action came to, as plugins find it; one that there is not, or that was told wrong, has failed. */
async function doneInstead(asked: AskedInstead, means: ForPlugin): Promise<Data> {
  try {
    const { status, message, result } = await means.instead(asked);
    const msg = message === undefined ? {} : { msg: message };
    return { ...msg, ...result, failed: status === 'failed', ...(status === 'skipped' ? { skipped: true } : {}) };
  } catch (error) {
    if (!(error instanceof OrchError)) throw error;
    return { failed: true, changed: false, msg: error.summary };
  }
}

/** Asks a process of its own, as what it asks back takes as long as hosts take, and gives its last word. */
async function talk(
  question: Data,
  answer: (what: string, of: unknown) => Promise<Data>,
  signal: AbortSignal,
): Promise<Data> {
  const [program = '', ...words] = hostCommand();
  const child = spawn(program, words, { stdio: ['pipe', 'pipe', 'inherit'], signal, killSignal: 'SIGKILL' });
  let wrong = 'it ended without an answer';
  child.on('error', ({ message }) => {
    wrong = message;
  });
  child.stdin.on('error', () => undefined);
  const say = (data: Data) => child.stdin.write(`${exactJson(data)}\n`);
  try {
    say(question);
    for await (const line of createInterface({ input: child.stdout })) {
      const said = readDataJson(line) as Data;
      if (typeof said.asks !== 'string') return said;
      say(await answer(said.asks, said.of));
    }
    return { error: signal.aborted ? 'it was interrupted' : `python3 can't run plugins: ${wrong}` };
  } finally {
    child.kill('SIGKILL');
  }
}
