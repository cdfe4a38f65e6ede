import { OrchError } from '../../../proto/errors.ts';
import type { ActionContext, ActionResult, AnyAction, AskedInstead, Attempt } from '../../actions/action.ts';
import { knownOf } from '../../custom/own-plugins.ts';
import { notResolved } from '../../playbook/catalog/absent-modules.ts';
import { isUnreachable } from '../../report/run/collect.ts';
import type { Located } from '../../source/located.ts';
import { fixedOrigin } from '../../source/origins.ts';
import { isDataMapping } from '../../template/python/atom.ts';
import type { AgentLink } from '../hosts/agent-link.ts';
import type { SaidConnection } from '../state.ts';
import { beforeDeadline, deadlineOf } from './action-deadline.ts';
import { actionOf } from './action-of.ts';
import { droppedOutcome, keptArgs, lostOutcome, runOnAgent, tellStart } from './agent-task.ts';
import { taskNamed } from './finish.ts';
import type { Item } from './items.ts';
import { type JobAsked, runAsJob } from './job-task.ts';
import type { Outcome } from './outcome.ts';
import { whenKnown } from './pace.ts';
import { SentContents } from './sent-contents.ts';
import { saidConnection } from './settings.ts';
import { rolesIn } from './task-name.ts';
import { actionParams, agentModule, checked, ownParams, type Params, sentParams } from './task-params.ts';
import { startProgram } from './task-program.ts';
import { outcomeOf, type TaskRun } from './task-run.ts';
import { keyboardOf } from './typing.ts';

/** How an action is run. */
export interface ActionCall {
  readonly action: AnyAction;
  readonly item: Item;
  /** Hosts that take part: those that met, or the host alone. */
  readonly hosts: readonly string[];
  /** Whose agent it asks: the task's own host, or the one it is delegated to. */
  readonly on: string;
  /** The one that it is delegated to. */
  readonly delegate?: string | undefined;
  /** Whether the agent goes on after a failure of what the action asks of it. */
  readonly keepGoing: boolean;
  /** Called when the action has sent what it asks of the agent. */
  readonly onSent?: () => void;
  /** What it asks of the agent goes on as a job. */
  readonly job?: JobAsked | undefined;
}

/** Thrown through an action when the agent is gone or dropped what it was asked. */
class AgentGone extends Error {
  readonly outcome: Outcome;

  constructor(outcome: Outcome) {
    super('the agent is gone');
    this.outcome = outcome;
  }
}

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
  const from = { file: task.at.file, roles: rolesIn(run.chain).map(({ path }) => path) };
  const contents = new SentContents();
  const scopeOf = (host: string) =>
    host === walk.host ? scope : play.run.scope(undefined, { host, vars: [], params: [], locals: {} });
  // What a delegated task says of the connection is about its delegate.
  const saidOf = (host: string): SaidConnection =>
    host === call.on ? saidConnection(walk, run.chain, host) : { variable: saidConnection(walk, [], host).variable };
  const owners = settings.factsOf === undefined ? call.hosts : [settings.factsOf];
  const isWorkstation = (host: string) => play.run.isLocal(host, saidOf(host));
  const on = async (host: string, link: AgentLink, module: string, params: Params, keepGoing = call.keepGoing) => {
    const asked = { host, on: link.host, module, params: [params], keepGoing, offers: contents.offers };
    const sent = call.job ? runAsJob(run, link, asked, call.job).then((job) => [job]) : runOnAgent(link, run, asked);
    call.onSent?.();
    const [outcome = droppedOutcome] = await sent;
    if (outcome.status === 'dropped' || outcome.status === 'unreachable') throw new AgentGone(outcome);
    return actionResult(outcome, outcome.status);
  };
  return {
    host: walk.host,
    title: run.name,
    check: settings.check,
    diff: settings.diff,
    verbosity: play.run.options.verbosity,
    at: task.at,
    signal,
    playbookDir: play.run.playbookDir,
    evaluate: (expression, path) => scope.evaluate(expression, task.args.origin.place([...task.args.path, ...path])),
    holds: (condition) => scope.holds(condition),
    located: (value, path) => ({ value, origin: task.args.origin, path: [...task.args.path, ...path] }),
    written: (parameter) => scope.written(parameter),
    render: ({ dest, ...file }, syntax) => scope.with({ template_destpath: dest }).renderText(file, syntax),
    readSource: (path, kind, decrypt) => play.run.readSource(path, kind, from, decrypt),
    sendSource: async (path, kind, decrypt) => {
      const source = await play.run.openSource(path, kind, from, decrypt);
      const sent = 'large' in source ? contents.apart(source.path, source.large) : contents.of(source.content);
      return { ...sent, path: source.path };
    },
    send: (content) => contents.of(content),
    findSource: (path, kind) => play.run.findSource(path, kind, from),
    origin: fixedOrigin(task.at),
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
    forPlugin: () => ({
      module: task.calledAs ?? task.module,
      diff: settings.diff,
      noLog: settings.noLog,
      becomeUser: settings.becomeUser,
      known: (what, of) => whenKnown(walk, () => knownOf(what, of, scope.rendering)),
      instead: (asked) => runInstead(run, call, signal, asked),
    }),
    agent: async (module, params) => on(walk.host, await linkTo(run, call.on), module, params),
    attempt: (module, params, seconds) =>
      attempt(run, call.on, seconds, (link) => on(walk.host, link, module, params, true)),
    leave: () => play.run.leave(call.on, saidConnection(walk, run.chain, call.on)),
    isLocal: isWorkstation(call.on),
    delegate: call.delegate,
    isWorkstation,
    program: async (asked, take) => {
      const { on: host } = asked;
      const link = host === undefined ? undefined : await linkTo(run, host, saidOf(host));
      const program = startProgram(run, link, asked, take);
      return { ...program, ended: program.ended.catch((error) => throwLost(run, error)) };
    },
    agentOn: async (host, module, params) => on(host, await linkTo(run, host), module, params),
    playHosts: call.hosts,
    pretended: (host) => play.run.host(host).pretended,
    variable: (host, name) => scopeOf(host).variable(name),
    setFacts: (facts, lasting = false) => {
      for (const host of owners) {
        run.takeBack.push(play.run.host(host).setVariables(facts, lasting));
      }
    },
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

/** Asks a host that may not answer; see ActionContext.attempt. */
async function attempt(
  { walk, chain }: TaskRun,
  host: string,
  seconds: number,
  ask: (link: AgentLink) => Promise<ActionResult>,
): Promise<Attempt> {
  const { run } = walk.play;
  const said = saidConnection(walk, chain, host);
  const deadline = new AbortController();
  const late = new OrchError({ code: 'connection-lost', summary: `It did not answer within ${seconds} s.` });
  const over = new Promise<never>((_, reject) => deadline.signal.addEventListener('abort', () => reject(late)));
  // A timer that is taken back: a signal that went off later would end the connection that was made.
  const timer = setTimeout(() => deadline.abort(), seconds * 1000);
  try {
    return await Promise.race([run.linkAgain(host, said, deadline.signal).then(ask), over]);
  } catch (error) {
    const gone = error instanceof AgentGone && error.outcome.status === 'unreachable';
    if (!gone && !(error instanceof OrchError)) throw error;
    await run.leave(host, said);
    return { status: 'unreachable', message: (gone ? error.outcome.message : error.message) ?? '' };
  } finally {
    clearTimeout(timer);
  }
}

async function linkTo(
  { walk, name, task, chain }: TaskRun,
  host: string,
  said = saidConnection(walk, chain, host),
): Promise<AgentLink> {
  try {
    return await walk.play.run.link(host, said);
  } catch (error) {
    throw new AgentGone(lostOutcome(error, name, task.at));
  }
}

/** Of a program whose host was lost meanwhile. */
function throwLost({ name, task }: TaskRun, error: unknown): never {
  const lost = error instanceof OrchError && isUnreachable(error.code);
  throw lost ? new AgentGone(lostOutcome(error, name, task.at)) : error;
}

function actionResult(outcome: Outcome, status: ActionResult['status']): ActionResult {
  const { message, result, diff, warnings, failure } = outcome;
  return { status, message, result, diff, warnings, failure };
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
