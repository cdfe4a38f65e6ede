import { noKeywords } from '../../playbook/keywords/no-keywords.ts';
import type { Mapping } from '../../playbook/parse/fields.ts';
import { locatedAt, ownTask } from '../../playbook/plays/own-task.ts';
import type { Located } from '../../source/located.ts';
import { Pending } from '../signals.ts';
import type { Frame, HostWalk } from '../state.ts';
import { lostOutcome } from '../task/agent-task.ts';
import type { Outcome } from '../task/outcome.ts';
import { addStep, whenKnown } from '../task/pace.ts';
import { isTrue, saidConnection } from '../task/settings.ts';
import { outcomeOf, prepareTask, sentTask, skipped, type TaskRun } from '../task/task-run.ts';
import { sendAhead } from './ahead.ts';

const name = 'Gathering Facts';

/**
 * A play's first task, which no playbook says. Where it is not asked for, the host is only reached and told to be there; what
 * it is like is read when a template first asks, and nobody hears of that.
 */
export async function gatherFacts(walk: HostWalk): Promise<void> {
  const { play, state } = walk;
  const said = saysToGather(walk);
  const readLater = (run: TaskRun) => {
    state.owesFacts = false;
    // Whether the play is for this host at all has been asked by then.
    state.gather = () => read({ ...run, chain: [], quiet: true });
  };
  if (said === false) {
    if (state.owesFacts) readLater(await whenKnown(walk, () => gatheringTask(walk)));
    return;
  }
  const isKnown = play.play.gatherOnce && state.isTold;
  if (isKnown && said) return;
  if (!isKnown && !(await isWanted(walk))) return;
  const run = await whenKnown(walk, () => gatheringTask(walk));
  const known = knownOutcome(run) ?? run.broken;
  if (known && !isKnown) addStep(sentTask(run), Promise.resolve(known));
  if (known) return;
  state.isTold = true;
  if (said) return read(run);
  if (!isKnown) addStep(sentTask(run), tell(run));
  if (!play.play.gatherOnce) state.outdateFacts(run.task.args.value);
  readLater(run);
}

/** Whether facts are gathered at the start of the play; undefined: when they are asked for. */
function saysToGather({ play, host }: HostWalk): boolean | undefined {
  const said = play.play.gatherFacts;
  // Runs behind this one are to have them all, whatever this one asks for.
  if (said === undefined && play.run.factCache) return true;
  if (typeof said !== 'object') return said;
  return isTrue(play.run.scope(play, { host, vars: [], params: [], locals: {} }).render(said));
}

/** Whether a person, who is asked with `--step`, has facts gathered. */
async function isWanted({ play, host }: HostWalk): Promise<boolean> {
  const { steps, emit } = play.run;
  return steps === undefined || steps.does(await play.rendezvous.meet(host, [-1]), name, emit);
}

function gatheringTask(walk: HostWalk): TaskRun {
  const { at, around, gatheringArgs } = walk.play.play;
  const args = { ...gatheringArgs.args, value: knownArgs(walk, gatheringArgs.args) };
  const task = { ...ownTask('setup', noKeywords(at)), ...gatheringArgs, args, name: locatedAt(at, name) };
  const frame: Frame = { chain: around, params: [], locals: {}, position: [-1], rescued: false };
  return prepareTask(walk, task, frame, false);
}

/**
 * What the play says of its facts: known before the task is in its host's order, since lookups wait for all that is there. What
 * goes wrong the task tells.
 */
function knownArgs({ play, host }: HostWalk, said: Located<Mapping>): Mapping {
  try {
    return play.run.scope(play, { host, vars: [], params: [], locals: {} }).render(said) as Mapping;
  } catch (error) {
    if (error instanceof Pending) throw error;
    return said.value;
  }
}

/** Sends `setup`; its facts are known once the host's tasks before it have ended. */
function read(run: TaskRun): void {
  const { walk, task, chain } = run;
  walk.state.awaitsFacts(task.args.value);
  const begun = sendAhead(run, () => walk.play.run.link(walk.host, saidConnection(walk, chain)));
  addStep(
    run,
    begun.then(({ outcome }) => outcome),
  );
}

/** What the task comes to without its facts. */
async function tell(run: TaskRun): Promise<Outcome> {
  const { walk, task, chain } = run;
  const said = saidConnection(walk, chain);
  try {
    // This workstation is there in any case.
    if (!walk.play.run.isLocal(walk.host, said)) await walk.play.run.link(walk.host, said);
  } catch (error) {
    return lostOutcome(error, run.name, task.at);
  }
  return { status: 'ok', result: { changed: false }, durationMs: 0 };
}

/** What it comes to where it is not for this host. */
function knownOutcome(run: TaskRun): Outcome | undefined {
  try {
    return skipped(run, run.scope);
  } catch (error) {
    return outcomeOf(error, run.name, run.task.at);
  }
}
