import { OrchError } from '../../../proto/errors.ts';
import type { AnyAction } from '../../actions/action.ts';
import { deferred } from '../deferred.ts';
import type { AgentLink } from '../hosts/agent-link.ts';
import { runAction } from '../task/action-task.ts';
import { droppedOutcome, lostOutcome, runOnAgent } from '../task/agent-task.ts';
import { tellItem, wholeOutcome } from '../task/finish.ts';
import { type ItemParams, itemParams } from '../task/item-params.ts';
import { type Item, taskItems, withKeys } from '../task/items.ts';
import { keepsGoing } from '../task/judge.ts';
import type { Outcome } from '../task/outcome.ts';
import { agentModule } from '../task/task-params.ts';
import { judgeOrFail, outcomeOf, type SentTask, sentTask, skipped, type TaskRun } from '../task/task-run.ts';
import type { TaskScope } from '../task/task-scope.ts';
import { withoutItems } from './in-turn.ts';

/** A task that was begun before those in front of it have ended. */
export interface Begun {
  /** Never rejects. */
  readonly outcome: Promise<Outcome>;
  /** True when it is known already that it fails, so that nothing may be sent behind it. */
  readonly fails: boolean;
}

/** An item that is to be sent, or whose outcome is known already. Its scope is kept only where the result is judged by it. */
type Planned = { readonly item: Omit<Item, 'scope'>; readonly scope: TaskScope | undefined } & (
  | ItemParams
  | { readonly outcome: Outcome }
);

/**
 * Evaluates a task for the agent, with all its items, and sends it; one that is not for the host needs none. Rejects with Pending
 * before anything is sent.
 */
export async function sendAhead(run: TaskRun, connect: () => Promise<AgentLink>): Promise<Begun> {
  const planned = plan(run);
  if ('outcome' in planned) return known(planned.outcome);
  const isSent = planned.some((item) => 'params' in item);
  try {
    return sendPlanned(sentTask(run), isSent ? await connect() : undefined, planned);
  } catch (error) {
    return sendPlanned(sentTask(run), undefined, lostItems(run, planned, error), true);
  }
}

/** Of a host that could not be reached: each item that was for it is lost. */
function lostItems({ name, task }: TaskRun, planned: readonly Planned[], error: unknown): readonly Planned[] {
  const outcome = lostOutcome(error, name, task.at);
  return planned.map((item) => ('outcome' in item ? item : { item: item.item, scope: item.scope, outcome }));
}

function known(outcome: Outcome): Begun {
  return { outcome: Promise.resolve(outcome), fails: outcome.status === 'failed' };
}

/** Its items, or what the task comes to where they can't be said. */
function plan(run: TaskRun): readonly Planned[] | { readonly outcome: Outcome } {
  try {
    const paramsOf = itemParams(run);
    return taskItems(run).map((item) => planItem(run, item, paramsOf));
  } catch (error) {
    return { outcome: withoutItems(run, error) };
  }
}

function planItem(run: TaskRun, { label, keys, scope }: Item, paramsOf: (scope: TaskScope) => ItemParams): Planned {
  const { task } = run;
  const item = { label, keys };
  const kept = task.changedWhen || task.failedWhen ? scope : undefined;
  try {
    const skip = skipped(run, scope) ?? run.broken;
    return skip ? { item, scope: kept, outcome: skip } : { item, scope: kept, ...paramsOf(scope) };
  } catch (error) {
    return { item, scope: kept, outcome: outcomeOf(error, run.name, task.at) };
  }
}

/** `link`: to the agent of a task that has something for it. */
function sendPlanned(task: SentTask, link: AgentLink | undefined, planned: readonly Planned[], isLost = false): Begun {
  const told = planned.filter((item) => 'outcome' in item);
  const sent = planned.filter((item) => 'params' in item);
  const fails =
    isLost ||
    told.some(({ outcome }) => outcome.status === 'failed') ||
    planned.some(({ item }) => item.label instanceof OrchError);
  const teller = new Teller(task, planned);
  if (link === undefined) {
    teller.rest();
    return { outcome: teller.turn.then(() => wholeOutcome(task, told.map(itsOutcome))), fails };
  }
  const reply = runOnAgent(link, task, {
    host: task.walk.host,
    on: task.walk.host,
    module: agentModule(task.task),
    params: sent.map(({ params }) => params),
    keepGoing: keepsGoing(task.task, task.settings.ignoreErrors),
    judge: (index, outcome) => {
      const item = sent[index];
      if (!item) return outcome;
      teller.before(item);
      const judged = judgeItem(task, item, refused(task, item, outcome) ?? outcome);
      teller.item(judged);
      return judged;
    },
  });
  const outcome = Promise.all([reply, teller.turn]).then(([outcomes]) => {
    teller.rest();
    const rest = outcomes.values();
    const all = planned.map((item) => ('outcome' in item ? itsOutcome(item) : rest.next().value) ?? droppedOutcome);
    return wholeOutcome(task, all);
  });
  return { outcome, fails };
}

/** The outcome of an item that was left to the agent, which refused it: with the place of what is wrong. */
function refused({ name, task }: SentTask, { check }: ItemParams, { failure }: Outcome): Outcome | undefined {
  if (failure?.code !== 'invalid-parameter' || !check) return undefined;
  try {
    check();
  } catch (error) {
    return outcomeOf(error, name, task.at);
  }
  return undefined;
}

function itsOutcome({ item, outcome }: { item: Omit<Item, 'scope'>; outcome: Outcome }): Outcome {
  return withKeys(outcome, item);
}

/**
 * Tells of a loop's items once the tasks before it have ended; of those that were not sent each when those before it in the list
 * have ended.
 */
class Teller {
  /** When that is; never rejects. */
  readonly turn: Promise<void>;
  readonly #task: SentTask;
  readonly #planned: Iterator<Planned>;
  /** What is to be told then; undefined: it is its turn. Where a task before it fails it never is. */
  #waiting: (() => void)[] | undefined = [];

  constructor(task: SentTask, planned: readonly Planned[]) {
    this.#task = task;
    this.#planned = planned.values();
    // Without a loop there is nothing to tell, and what reads facts may stand in the order already.
    const before = task.task.loop === undefined ? Promise.resolve() : task.walk.state.lane.drain();
    this.turn = before.then(
      () => this.#begin(),
      () => undefined,
    );
  }

  #begin(): void {
    const waiting = this.#waiting ?? [];
    this.#waiting = undefined;
    for (const tell of waiting) tell();
  }

  item(outcome: Outcome): void {
    const tell = () => tellItem(this.#task, outcome);
    if (this.#waiting) this.#waiting.push(tell);
    else tell();
  }

  /** The items between the last one that ended and this one. */
  before(reached: Planned): void {
    this.#until((plan) => plan === reached);
  }

  rest(): void {
    this.#until(() => false);
  }

  #until(isReached: (plan: Planned) => boolean): void {
    for (let next = this.#planned.next(); !next.done; next = this.#planned.next()) {
      if (isReached(next.value)) return;
      if ('outcome' in next.value) this.item(itsOutcome(next.value));
    }
  }
}

function judgeItem(task: SentTask, { item, scope }: Pick<Planned, 'item' | 'scope'>, outcome: Outcome): Outcome {
  const judged = scope ? judgeOrFail(task, scope, outcome) : outcome;
  return withKeys(judged, item);
}

/** Lets an action read and render, and send its one task, ahead. Rejects with Pending before anything is sent. */
export async function prepareAhead(run: TaskRun, action: AnyAction): Promise<Begun> {
  const item: Item = { label: '', keys: {}, scope: run.scope };
  let before: Outcome | undefined;
  try {
    before = skipped(run, item.scope) ?? run.broken;
  } catch (error) {
    before = outcomeOf(error, run.name, run.task.at);
  }
  if (before) return known(before);

  const sent = deferred<undefined>();
  const keepGoing = keepsGoing(run.task, run.settings.ignoreErrors);
  const { host } = run.walk;
  const call = { action, item, hosts: [host], on: host, keepGoing, onSent: () => sent.resolve(undefined) };
  const outcome = runAction(run, call).then((done) => judgeItem(run, { item, scope: run.scope }, done));
  const early = await Promise.race([sent.promise, outcome]);
  return { outcome, fails: early?.status === 'failed' };
}
