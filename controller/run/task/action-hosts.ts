import { OrchError } from '../../../proto/errors.ts';
import type { ActionContext, ActionResult, AnyAction, Attempt } from '../../actions/action.ts';
import { isUnreachable } from '../../report/run/collect.ts';
import type { AgentLink } from '../hosts/agent-link.ts';
import type { SaidConnection } from '../state.ts';
import { droppedOutcome, lostOutcome, runOnAgent } from './agent-task.ts';
import type { Item } from './items.ts';
import { type JobAsked, runAsJob } from './job-task.ts';
import type { Outcome } from './outcome.ts';
import type { SentContents } from './sent-contents.ts';
import { saidConnection } from './settings.ts';
import type { Params } from './task-params.ts';
import { startProgram } from './task-program.ts';
import type { TaskRun } from './task-run.ts';

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
export class AgentGone extends Error {
  readonly outcome: Outcome;

  constructor(outcome: Outcome) {
    super('the agent is gone');
    this.outcome = outcome;
  }
}

type OfHosts = 'agent' | 'attempt' | 'leave' | 'agentOn' | 'program' | 'isLocal' | 'delegate' | 'isWorkstation';

/** What an action does on hosts; `contents` are what it has for them. Its calls reject with AgentGone. */
export function hostsOf(run: TaskRun, call: ActionCall, contents: SentContents): Pick<ActionContext, OfHosts> {
  const { walk, chain } = run;
  const { play } = walk;
  // What a delegated task says of the connection is about its delegate.
  const saidOf = (host: string): SaidConnection =>
    host === call.on ? saidConnection(walk, chain, host) : { variable: saidConnection(walk, [], host).variable };
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
    agent: async (module, params) => on(walk.host, await linkTo(run, call.on), module, params),
    attempt: (module, params, seconds) =>
      attempt(run, call.on, seconds, (link) => on(walk.host, link, module, params, true)),
    leave: () => play.run.leave(call.on, saidConnection(walk, chain, call.on)),
    agentOn: async (host, module, params) => on(host, await linkTo(run, host), module, params),
    program: async (asked, take) => {
      const { on: host } = asked;
      const link = host === undefined ? undefined : await linkTo(run, host, saidOf(host));
      const program = startProgram(run, link, asked, take);
      return { ...program, ended: program.ended.catch((error) => throwLost(run, error)) };
    },
    isLocal: isWorkstation(call.on),
    delegate: call.delegate,
    isWorkstation,
  };
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
