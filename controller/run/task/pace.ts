import { type Position, positionKey } from '../position.ts';
import { FailedElsewhere, Pending, Stop } from '../signals.ts';
import type { HostWalk } from '../state.ts';
import { factsBrought } from './brought-facts.ts';
import { censored, finishTask } from './finish.ts';
import type { Outcome } from './outcome.ts';
import { taskFacts } from './task-name.ts';
import type { SentTask } from './task-run.ts';

/** Throws when this host must not begin anything more: Ctrl-C, the end of the play, a failure of its own. */
export function checkOn({ play, state, forced }: HostWalk): void {
  play.run.interrupt.check();
  if (play.ending && !(forced && play.ending === 'aborted')) throw new Stop(play.ending);
  state.lane.check();
}

/** Throws when a failure that is everybody's has happened since: what is to come of the block is not for this host either. */
export function shareFailure(walk: HostWalk): void {
  if (walk.shared === walk.play.shared) return;
  walk.shared = walk.play.shared;
  throw new FailedElsewhere();
}

/** Evaluates once all values it needs are known: where it looks at other hosts, the host meets them first. */
export async function whenKnown<T>(walk: HostWalk, evaluate: () => T | Promise<T>): Promise<T> {
  const { state } = walk;
  const { meetOthers: around } = state;
  for (;;) {
    try {
      state.meetOthers = walk.meetsAt && (() => meetOthers(walk, walk.meetsAt));
      return await evaluate();
    } catch (error) {
      if (!(error instanceof Pending)) throw error;
      state.meetOthers = undefined;
      await error.until();
      checkOn(walk);
    } finally {
      state.meetOthers = around;
    }
  }
}

/** Waits for the other hosts at a task that turns out to look at them. Once for a task. */
async function meetOthers(walk: HostWalk, position: Position = []): Promise<void> {
  const { host, state, play } = walk;
  await state.lane.drain();
  // Those who come later stop there, too.
  play.looked.add(positionKey(position));
  await play.rendezvous.meet(host, position);
  walk.meetsAt = undefined;
}

/** Puts a begun task into the host's order. */
export function addStep(run: SentTask, outcome: Promise<Outcome>): void {
  const { walk, task } = run;
  walk.state.lane.add({
    outcome: outcome.then((done) => censored(run, done)),
    register: task.register,
    brings: factsBrought(task),
    task: taskFacts(run),
    finish: (done) => finishTask(run, done),
  });
}

/** Puts a task that has ended into the host's order; throws when it, or one before it, went wrong. */
export async function settle(run: SentTask, outcome: Outcome): Promise<void> {
  addStep(run, Promise.resolve(outcome));
  await run.walk.state.lane.drain();
}
