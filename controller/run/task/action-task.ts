import { OrchError } from '../../../proto/errors.ts';
import type { ActionContext, ActionResult, AskedInstead } from '../../actions/action.ts';
import { knownOf } from '../../custom/own-plugins.ts';
import { notResolved } from '../../playbook/catalog/absent-modules.ts';
import type { Located } from '../../source/located.ts';
import { fixedOrigin } from '../../source/origins.ts';
import { isDataMapping } from '../../template/python/atom.ts';
import { beforeDeadline, deadlineOf } from './action-deadline.ts';
import { type ActionCall, AgentGone, hostsOf } from './action-hosts.ts';
import { actionOf } from './action-of.ts';
import { keptArgs, tellStart } from './agent-task.ts';
import { taskNamed } from './finish.ts';
import type { Outcome } from './outcome.ts';
import { whenKnown } from './pace.ts';
import { SentContents } from './sent-contents.ts';
import { rolesIn } from './task-name.ts';
import { actionParams, agentModule, checked, ownParams, sentParams } from './task-params.ts';
import { outcomeOf, type TaskRun } from './task-run.ts';
import { keyboardOf } from './typing.ts';

/** Runs an action for one item. Rejects with Pending when it needs a value of a task in flight, with Stop when interrupted. */
export async function runAction(run: TaskRun, call: ActionCall): Promise<Outcome> {
  const startedAt = performance.now();
  const { task, walk } = run;
  let next: ActionResult['next'];
  try {
    const params: unknown = actionParams(run, call.item.scope);
    if (!call.action.ahead) tellStart(run);
    // What is sent ahead has its time once it is its turn: the agent keeps it.
    const deadline = call.action.ahead ? undefined : deadlineOf(run);
    const context = actionContext(run, call, deadline ?? walk.play.run.interrupt.signal);
    const work: Promise<ActionResult> = call.action.run(params, context);
    const result = await (deadline ? beforeDeadline(work, deadline) : work);
    next = result.next;
    return { ...actionOutcome(run, result), args: keptArgs(run, params), durationMs: performance.now() - startedAt };
  } catch (error) {
    if (error instanceof AgentGone) return error.outcome;
    // Of a wait that Ctrl-C has ended.
    if (error instanceof Error && error.name === 'AbortError') walk.play.run.interrupt.check();
    const outcome = outcomeOf(error, run.name, task.at);
    return isVerdict(error) ? outcome : { ...outcome, beforehand: true };
  } finally {
    if (next) walk.order = next;
  }
}

/** Whether an error is what the action found, and not that it could not be asked, as where a variable is undefined. */
function isVerdict(error: unknown): boolean {
  return error instanceof OrchError && (error.code === 'task-failed' || error.result !== undefined);
}

function actionContext(run: TaskRun, call: ActionCall, signal: AbortSignal): ActionContext {
  const { walk, task, settings } = run;
  const { play } = walk;
  const { scope } = call.item;
  const contents = new SentContents();
  const scopeOf = (host: string) =>
    host === walk.host ? scope : play.run.scope(undefined, { host, vars: [], params: [], locals: {} });
  const owners = settings.factsOf === undefined ? call.hosts : [settings.factsOf];
  return {
    ...filesOf(run, call, contents),
    ...hostsOf(run, call, contents),
    host: walk.host,
    title: run.name,
    check: settings.check,
    diff: settings.diff,
    verbosity: play.run.options.verbosity,
    at: task.at,
    origin: fixedOrigin(task.at),
    signal,
    evaluate: (expression, path) => scope.evaluate(expression, task.args.origin.place([...task.args.path, ...path])),
    holds: (condition) => scope.holds(condition),
    located: (value, path) => ({ value, origin: task.args.origin, path: [...task.args.path, ...path] }),
    written: (parameter) => scope.written(parameter),
    variable: (host, name) => scopeOf(host).variable(name),
    setVars: (vars, merge) => {
      for (const host of owners) {
        const seen = scopeOf(host);
        const into = ([name, value]: [string, Located]): [string, Located] => [
          name,
          mergedInto(seen.written({ ...value, value: `{{ ${name} }}` }), value),
        ];
        run.takeBack.push(play.run.host(host).include(merge ? new Map([...vars].map(into)) : vars));
      }
    },
    setFacts: (facts, lasting = false) => {
      for (const host of owners) {
        run.takeBack.push(play.run.host(host).setVariables(facts, lasting));
      }
    },
    forPlugin: () => ({
      module: task.calledAs ?? task.module,
      diff: settings.diff,
      noLog: settings.noLog,
      becomeUser: settings.becomeUser,
      known: (what, of) => whenKnown(walk, () => knownOf(what, of, scope.rendering)),
      instead: (asked) => runInstead(run, call, signal, asked),
    }),
    playHosts: call.hosts,
    pretended: (host) => play.run.host(host).pretended,
    inventory: play.run.inventory,
    jobs: play.run.jobs,
    stats: (stats) => play.run.emit({ type: 'stats', stats }),
    cells: (cells) => play.run.emit({ type: 'reach-done', cells }),
    say: (text) => {
      if (settings.noLog) return;
      play.run.emit({ type: 'task-says', ...taskNamed(run), text });
    },
    keyboard: keyboardOf(play.run.emit),
  };
}

type OfFiles = 'playbookDir' | 'render' | 'readSource' | 'sendSource' | 'send' | 'findSource';

/** What an action does with files of the playbook. */
function filesOf(run: TaskRun, call: ActionCall, contents: SentContents): Pick<ActionContext, OfFiles> {
  const { playbookDir, readSource, openSource, findSource } = run.walk.play.run;
  const from = { file: run.task.at.file, roles: rolesIn(run.chain).map(({ path }) => path) };
  return {
    playbookDir,
    render: ({ dest, ...file }, syntax) => call.item.scope.with({ template_destpath: dest }).renderText(file, syntax),
    readSource: (path, kind, decrypt) => readSource(path, kind, from, decrypt),
    sendSource: async (path, kind, decrypt) => {
      const source = await openSource(path, kind, from, decrypt);
      const sent = 'large' in source ? contents.apart(source.path, source.large) : contents.of(source.content);
      return { ...sent, path: source.path };
    },
    send: (content) => contents.of(content),
    findSource: (path, kind) => findSource(path, kind, from),
  };
}

/** Runs what the task's action plugin names, with its arguments as they are. */
async function runInstead(
  run: TaskRun,
  call: ActionCall,
  signal: AbortSignal,
  { isAction, name, params, check }: AskedInstead,
): Promise<ActionResult> {
  const { plugin } = run.task;
  if (!plugin) throw new OrchError({ code: 'unknown-module', summary: notResolved(name) });
  const instead = { ...run, task: plugin.task(name), settings: { ...run.settings, check } };
  const context = actionContext(instead, call, signal);
  const given = ownParams(instead.task, params);
  const action = isAction ? actionOf(instead.task) : undefined;
  if (action) return action.run(checked(instead.task, given, !run.settings.noLog).params, context);
  return context.agent(agentModule(instead.task), sentParams(instead, call.item.scope, given));
}

/** A mapping with what is new in it, at any depth; of what is no mapping the new value. */
function mergedInto(before: Located | undefined, value: Located): Located {
  return { ...value, value: merged(before?.value, value.value) };
}

function merged(before: unknown, after: unknown): unknown {
  if (!isDataMapping(before) || !isDataMapping(after)) return after;
  const inner = Object.entries(after).map(([key, item]) => [key, merged(before[key], item)]);
  return { ...before, ...Object.fromEntries(inner) };
}

function actionOutcome(run: TaskRun, action: ActionResult): Omit<Outcome, 'durationMs'> {
  const { status, message, diff, warnings, failure } = action;
  const failed = status === 'failed';
  const changed = action.result.changed ?? status === 'changed';
  return {
    status,
    message,
    diff,
    warnings,
    result: {
      // Of debug the result is what was asked for.
      ...(message === undefined || run.task.module === 'debug' ? {} : { msg: message }),
      ...action.result,
      changed,
      failed,
      ...(warnings?.length ? { warnings } : {}),
      ...(status === 'skipped' ? { skipped: true } : {}),
    },
    failure: failed
      ? {
          ...(failure ?? { code: 'task-failed', summary: message ?? 'The task failed.' }),
          task: run.name,
          at: run.task.at,
        }
      : undefined,
  };
}
