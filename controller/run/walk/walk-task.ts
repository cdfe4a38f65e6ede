import { setImmediate as turn } from 'node:timers/promises';
import type { AnyAction } from '../../actions/action.ts';
import { entryName } from '../../playbook/plays/list-tasks.ts';
import type { Task } from '../../playbook/types.ts';
import { FailedElsewhere, Pending, TaskFailed } from '../signals.ts';
import type { Frame, HostWalk, PlayRun } from '../state.ts';
import { actionOf } from '../task/action-of.ts';
import { droppedOutcome } from '../task/agent-task.ts';
import { withChosenModule } from '../task/chosen-module.ts';
import { censored, keepResult } from '../task/finish.ts';
import { isRetried, needsJudgement } from '../task/judge.ts';
import { isIgnored } from '../task/outcome.ts';
import { addStep, checkOn, settle, shareFailure, whenKnown } from '../task/pace.ts';
import { nearest, numberSaid, saidConnection } from '../task/settings.ts';
import { taskFacts } from '../task/task-name.ts';
import { prepareTask, sentTask, skipped, type TaskRun } from '../task/task-run.ts';
import { type Begun, prepareAhead, sendAhead } from './ahead.ts';
import { runInTurn } from './in-turn.ts';
import { asksOthersToJudge, looksBack } from './looks-back.ts';
import { endsPlay, looksAtOthers, meetsAt, orderOf } from './meeting.ts';
import { isDoneOnce, mayBeDoneOnce } from './once.ts';
import { isForOthers, obey } from './order.ts';
import type { Gathering } from './rendezvous.ts';
import { Turns } from './turns.ts';

/**
 * Does one task on one host, or sends it and goes on: what is sent ahead is settled by the host's lane. Hosts meet before tasks
 * that look at others, and before every task of a linear play.
 */
export async function walkTask(walk: HostWalk, said: Task, frame: Frame, flush: () => Promise<void>): Promise<void> {
  checkOn(walk);
  const { state, play } = walk;
  const task = await withChosenModule(walk, said, frame);
  const action = actionOf(task);
  const chain = [...frame.chain, task];
  state.onWorkstation = play.run.isLocal(walk.host, await whenKnown(walk, () => saidConnection(walk, chain)));
  const perhapsOnce = mayBeDoneOnce(task, chain, play.play);
  const together = perhapsOnce || looksAtOthers(task, chain, action);
  let gathering: Gathering | undefined;
  if (together || meetsAt(play, frame.position)) {
    await state.lane.drain();
    // A barrier action is for the hosts whose conditions hold; run_once asks its first host only.
    const takesPart =
      perhapsOnce ||
      !action?.barrier ||
      !(await whenKnown(walk, () => isSkipped(prepareTask(walk, task, frame, true))));
    if (takesPart) gathering = await play.rendezvous.meet(walk.host, frame.position);
    checkOn(walk);
    shareFailure(walk);
    if (gathering && task.module !== 'meta' && !(await doesStep(walk, task, gathering))) return;
  }

  const first = perhapsOnce ? gathering?.hosts[0] : undefined;
  const once = first !== undefined && (await isDoneOnce(walk, task, frame, first));
  walk.meetsAt = gathering ? undefined : frame.position;
  const run = await whenKnown(walk, () => prepareTask(walk, task, frame, action !== undefined && !task.plugin));
  if (gathering && (once || action?.barrier))
    await runTogether(run, action, gathering, once ? elsewhere(play, gathering) : [], () =>
      obey(walk, frame.position, flush),
    );
  else if (goesAhead(task, run, action)) await begin(run, action);
  else {
    await state.lane.drain();
    await takeTurn(run, async () => settle(run, await runInTurn(run, action, [walk.host])));
  }
  if (gathering && endsPlay(task)) await play.rendezvous.meet(walk.host, [...frame.position, 0]);
  if (walk.order) await obey(walk, frame.position, flush);
}

/** Whether a person, who is asked with `--step`, has the task done. */
async function doesStep({ play }: HostWalk, task: Task, gathering: Gathering): Promise<boolean> {
  return (await play.run.steps?.does(gathering, entryName(task), play.run.emit)) ?? true;
}

function isSkipped(run: TaskRun): boolean {
  try {
    return run.task.loop === undefined && skipped(run, run.scope) !== undefined;
  } catch (error) {
    if (error instanceof Pending) throw error;
    return false;
  }
}

/** Works when it is the host's turn: with the task, where that has `throttle`, and among all hosts, where `--forks` keeps them to fewer. */
function takeTurn(run: TaskRun, work: () => Promise<void>): Promise<void> {
  const { host, play } = run.walk;
  const [ofTask, ofRun] = [turnsOfTask(run), play.play.strategy === 'host_pinned' ? undefined : play.run.turns];
  const whenFree = () => (ofRun ? ofRun.take(host, work) : work());
  return ofTask ? ofTask.take(host, whenFree) : whenFree();
}

/** Of a task with `throttle`: the turns of its hosts. */
function turnsOfTask({ walk, task, chain, scope }: TaskRun): Turns | undefined {
  const places = Math.floor(numberSaid(nearest(chain, 'throttle'), scope) ?? 0);
  if (!(places > 0)) return undefined;
  const turns = walk.play.turns.get(task) ?? new Turns(places);
  walk.play.turns.set(task, turns);
  return turns;
}

function goesAhead(task: Task, run: TaskRun, action: AnyAction | undefined): boolean {
  if (isRetried(task) || nearest(run.chain, 'delegateTo') || nearest(run.chain, 'throttle')) return false;
  // Where the agent's answers are heard nothing can be waited for.
  if (asksOthersToJudge(task)) return false;
  if (task.asyncSeconds || run.byItem || run.walk.play.run.turns) return false;
  // Sources on the workstation may be what the tasks before write there.
  if (action) return action.ahead === true && task.loop === undefined && !run.walk.state.onWorkstation;
  return !task.loop?.pauseSeconds && !task.loop?.breakWhen && !looksBack(task, run.chain);
}

/** After so long the host gets what is ready, while the next task is evaluated. */
const longMs = 5;
/** Until what was sent is on its way: gRPC gathers it in one turn, HTTP/2 writes it in the next, and TLS in the one after. */
const turnsToSend = 3;

async function begin(run: TaskRun, action: AnyAction | undefined): Promise<void> {
  const { walk, task } = run;
  const startedAt = performance.now();
  const begun = await whenKnown(walk, () => (action ? prepareAhead(run, action) : beginOnAgent(run)));
  addStep(sentTask(run), begun.outcome);
  if (performance.now() - startedAt > longMs) for (let at = 0; at < turnsToSend; at++) await turn();
  if (begun.fails || needsJudgement(task)) await walk.state.lane.drain();
}

function beginOnAgent(run: TaskRun): Promise<Begun> {
  const { walk, chain } = run;
  return sendAhead(run, () => walk.play.run.link(walk.host, saidConnection(walk, chain)));
}

/** Hosts of a play in lock-step that are not where these have met, as in a file that only some include: they wait further on. */
function elsewhere(play: PlayRun, { hosts }: Gathering): readonly string[] {
  return play.inStep ? [...play.active].filter((host) => !hosts.includes(host)) : [];
}

/**
 * The first host does it; the others take over its result, and its failure, without counting it as theirs. Those `aside` only
 * learn its result.
 */
async function runTogether(
  run: TaskRun,
  action: AnyAction | undefined,
  gathering: Gathering,
  aside: readonly string[],
  obeyOrder: () => Promise<void>,
): Promise<void> {
  const { walk, settings } = run;
  if (gathering.hosts[0] === walk.host) {
    let outcome = droppedOutcome;
    try {
      outcome = await runInTurn(run, action, [...gathering.hosts, ...aside]);
      // Before the others go on: they may learn facts anew, or leave the block whose failure is forgiven.
      if (isForOthers(walk.order)) await obeyOrder();
    } finally {
      gathering.share(outcome);
    }
    for (const host of aside) keepResult(run, outcome, walk.play.run.host(host));
    return settle(run, outcome);
  }
  const outcome = await gathering.shared;
  checkOn(walk);
  if (outcome.status === 'ok' && endsPlay(run.task)) walk.order = orderOf(run.task);
  keepResult(run, outcome);
  if (isIgnored(outcome, settings)) return;
  if (outcome.status === 'failed')
    throw new TaskFailed(taskFacts(run), { ...censored(run, outcome), failure: undefined });
  // The host that had it for all is lost.
  if (outcome.status === 'unreachable' && !settings.ignoreErrors) throw new FailedElsewhere();
}
