import type { AnyAction } from '../actions/action.ts';
import { runAction } from './action-task.ts';
import type { AgentLink } from './agent-link.ts';
import { droppedOutcome, runOnAgent } from './agent-task.ts';
import { deferred } from './deferred.ts';
import { tellItem, wholeOutcome } from './finish.ts';
import { skippedWithoutItem } from './in-turn.ts';
import { judge, keepsGoing } from './judge.ts';
import type { Outcome } from './outcome.ts';
import { type Params, taskParams } from './task-params.ts';
import { type Item, outcomeOf, skipped, type TaskRun, taskItems, withKeys } from './task-run.ts';

/** A task that was begun before those in front of it have ended. */
export interface Begun {
  /** Never rejects. */
  readonly outcome: Promise<Outcome>;
  /** True when it is known already that it fails, so that nothing may be sent behind it. */
  readonly fails: boolean;
}

type Planned = { readonly item: Item } & ({ readonly params: Params } | { readonly outcome: Outcome });

/** Evaluates a task for the agent, with all its items, and sends it. Throws Pending before anything is sent. */
export function sendAhead(run: TaskRun, link: AgentLink): Begun {
  const { task } = run;
  let planned: readonly Planned[];
  try {
    planned = taskItems(run).map((item) => planItem(run, item));
  } catch (error) {
    const outcome = skippedWithoutItem(run) ?? outcomeOf(error, run.name, task.at);
    return { outcome: Promise.resolve(outcome), fails: outcome.status === 'failed' };
  }
  const known = planned.filter((plan) => 'outcome' in plan);
  const sent = planned.filter((plan) => 'params' in plan);
  const fails = known.some(({ outcome }) => outcome.status === 'failed');
  const told = new Teller(run, planned);
  if (sent.length === 0) {
    const inItsTurn = run.walk.state.lane.drain().then(
      () => told.rest(),
      () => undefined,
    );
    return { outcome: inItsTurn.then(() => wholeOutcome(run, known.map(itsOutcome))), fails };
  }
  const reply = runOnAgent(link, run, {
    host: run.walk.host,
    module: task.module,
    params: sent.map(({ params }) => params),
    keepGoing: keepsGoing(task, run.settings.ignoreErrors),
    judge: (index, outcome) => {
      const item = sent[index]?.item;
      if (!item) return outcome;
      told.before(item);
      return judgeItem(run, item, outcome);
    },
  });
  const outcome = reply.then((outcomes) => {
    told.rest();
    const rest = outcomes.values();
    const all = planned.map((plan) => ('outcome' in plan ? itsOutcome(plan) : rest.next().value) ?? droppedOutcome);
    return wholeOutcome(run, all);
  });
  return { outcome, fails };
}

function itsOutcome({ item, outcome }: { item: Item; outcome: Outcome }): Outcome {
  return withKeys(outcome, item);
}

function planItem(run: TaskRun, item: Item): Planned {
  try {
    const skip = skipped(run, item.scope) ?? run.broken;
    return skip ? { item, outcome: skip } : { item, params: taskParams(run, item.scope) };
  } catch (error) {
    return { item, outcome: outcomeOf(error, run.name, run.task.at) };
  }
}

/** Tells of items that were not sent, each when those before it in the list have ended. */
class Teller {
  readonly #run: TaskRun;
  readonly #planned: Iterator<Planned>;

  constructor(run: TaskRun, planned: readonly Planned[]) {
    this.#run = run;
    this.#planned = planned.values();
  }

  /** The items between the last one that ended and this one. */
  before(item: Item): void {
    this.#until((plan) => plan.item === item);
  }

  rest(): void {
    this.#until(() => false);
  }

  #until(isReached: (plan: Planned) => boolean): void {
    for (let next = this.#planned.next(); !next.done; next = this.#planned.next()) {
      if (isReached(next.value)) return;
      if ('outcome' in next.value) tellItem(this.#run, next.value.item, next.value.outcome);
    }
  }
}

function judgeItem(run: TaskRun, item: Item, outcome: Outcome): Outcome {
  let judged: Outcome;
  try {
    judged = judge(run.task, item.scope, outcome);
  } catch (error) {
    judged = outcomeOf(error, run.name, run.task.at);
  }
  const whole = withKeys(judged, item);
  tellItem(run, item, whole);
  return whole;
}

/** Lets an action read and render, and send its one task, ahead. Rejects with Pending before anything is sent. */
export async function prepareAhead(run: TaskRun, action: AnyAction): Promise<Begun> {
  const item: Item = { label: '', keys: {}, scope: run.scope };
  let known: Outcome | undefined;
  try {
    known = skipped(run, item.scope) ?? run.broken;
  } catch (error) {
    known = outcomeOf(error, run.name, run.task.at);
  }
  if (known) return { outcome: Promise.resolve(known), fails: known.status === 'failed' };

  const sent = deferred<undefined>();
  const keepGoing = keepsGoing(run.task, run.settings.ignoreErrors);
  const call = { action, item, hosts: [run.walk.host], keepGoing, onSent: () => sent.resolve(undefined) };
  const outcome = runAction(run, call).then((done) => judgeItem(run, item, done));
  const early = await Promise.race([sent.promise, outcome]);
  return { outcome, fails: early?.status === 'failed' };
}
