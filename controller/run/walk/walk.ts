import { anyEntry } from '../../playbook/plays/any-entry.ts';
import type { Block, Common, Entry, RoleUse, Vars } from '../../playbook/types.ts';
import { dependsOn } from '../../vars/roles.ts';
import { isBehind } from '../position.ts';
import { FailedElsewhere, RoleEnds, Stop, TaskFailed } from '../signals.ts';
import type { Frame, HostWalk, PlayRun, WalkEnd } from '../state.ts';
import { checkOn, shareFailure } from '../task/pace.ts';
import { rolesIn } from '../task/task-name.ts';
import { gatherFacts } from './facts.ts';
import { failedVariables } from './failed-variables.ts';
import { flushHandlers } from './handlers.ts';
import { walkInclude } from './include.ts';
import { orders } from './meeting.ts';
import { hasRun, isThrough } from './ran-roles.ts';
import { walkTask } from './walk-task.ts';

/** Takes one host through its play, at its own pace. Never rejects but for defects. */
export async function walkPlay(walk: HostWalk): Promise<WalkEnd> {
  for (;;) {
    const end = await walkOn(walk);
    if (end.how !== 'unreachable' || !mayPardon(walk.play)) return end;
    walk.state.out = true;
    const from = await walk.play.pardons.await(walk.host);
    if (!from) return end;
    walk.from = from;
  }
}

/** Whether a task of the play may take lost hosts back. */
function mayPardon({ play }: PlayRun): boolean {
  return anyEntry(
    [...play.entries, ...play.handlers],
    (entry) => entry.kind === 'task' && orders(entry, 'clear_host_errors'),
  );
}

/** The play from its start, or from where the host was taken back, to an end. */
async function walkOn(walk: HostWalk): Promise<WalkEnd> {
  const { play, state } = walk;
  const frame: Frame = { chain: play.play.around, params: [], locals: {}, position: [], rescued: false };
  try {
    if (!walk.from) await gatherFacts(walk);
    await walkEntries(walk, play.play.entries, frame);
    // As in Ansible behind tasks and behind post_tasks: the second time for those that a handler behind them notified.
    const flushes = play.play.endsWithPostTasks ? [1] : [0, 1];
    for (const flush of play.play.flushes === false ? [] : flushes) {
      await flushHandlers(walk, { position: [play.play.entries.length + flush], rescued: false }, walkEntry);
    }
    await state.lane.drain();
    return { how: 'done' };
  } catch (error) {
    const end = walkEnd(error);
    // Before the others, who may be waiting for this host, go on.
    if (isLoss(end) && end.how !== 'unreachable') play.failed += 1;
    const forAll = isLoss(end) && endsForAll(play, error);
    if (forAll && play.ending !== 'aborted') {
      play.ending = 'aborted';
      play.run.dropBatches();
    }
    const isOver = end.how === 'failed' || end.how === 'aborted';
    if (isOver && (play.play.forceHandlers ?? play.run.options.forceHandlers)) await forceHandlers(walk);
    return { ...end, forAll };
  } finally {
    play.rendezvous.leave(walk.host);
  }
}

/** What a walk came to that something ended. Rethrows defects. */
function walkEnd(error: unknown): WalkEnd {
  if (error instanceof TaskFailed) return { how: 'failed', failure: error.outcome.failure };
  if (error instanceof FailedElsewhere) return { how: 'aborted' };
  if (error instanceof Stop) return { how: error.reason, failure: error.failure };
  throw error;
}

/** Whether the loss of a host ends the play for all of its batch. */
function endsForAll({ run, play, batchSize, failed, inStep, ending }: PlayRun, error: unknown): boolean {
  // As in Ansible none of this is for plays that are said to go otherwise than in step.
  if (!inStep && play.strategy !== undefined) return false;
  // Where a block told the others of a lost host, they have its rescue or its always, and end by themselves.
  if (isForAll(error) && (error instanceof TaskFailed || !shared.has(error))) return true;
  if (ending === 'aborted' || play.maxFailPercentage === undefined) return false;
  if ((failed / batchSize) * 100 <= play.maxFailPercentage) return false;
  run.emit({ type: 'no-hosts-left' });
  return true;
}

/** Runs what was notified before the host failed, or the play ended for all. A handler that fails ends it: the host is lost already. */
async function forceHandlers(walk: HostWalk): Promise<void> {
  walk.state.lane.recover();
  walk.state.out = true;
  walk.forced = true;
  walk.shared = walk.play.shared;
  try {
    await flushHandlers(walk, { position: [walk.play.play.entries.length], rescued: false }, walkEntry);
  } catch (error) {
    if (!(error instanceof TaskFailed || error instanceof FailedElsewhere || error instanceof Stop)) throw error;
  }
}

/** True when the host is out of the plays that follow. */
export function isLoss({ how }: WalkEnd): boolean {
  return how === 'failed' || how === 'unreachable' || how === 'aborted';
}

/** Entries in order; `position` of the frame is the list's own. */
async function walkEntries(walk: HostWalk, entries: readonly Entry[], frame: Frame): Promise<void> {
  for (const [index, entry] of entries.entries()) {
    const position = [...frame.position, index];
    if (!walk.from || !isBehind(position, walk.from)) await walkEntry(walk, entry, { ...frame, position });
  }
}

async function walkEntry(walk: HostWalk, entry: Entry, frame: Frame): Promise<void> {
  // An include around it has been evaluated.
  walk.meetsAt = undefined;
  try {
    if (entry.kind === 'block') await walkBlock(walk, entry, frame);
    else if (entry.kind === 'include') await walkInclude(walk, entry, frame, walkEntries);
    else await walkTask(walk, entry, frame, () => flushHandlers(walk, frame, walkEntry));
  } finally {
    walk.meetsAt = undefined;
  }
}

/**
 * What wins inside of a role over the variables of tasks and over its own parameters. Where a task of another role includes or
 * imports it, the parameters of that other one do, too: Ansible's IncludeRole hands them on as parameters of the include.
 */
function paramsInside(role: RoleUse, { chain, params }: Frame): readonly Vars[] {
  const outer = rolesIn(chain).at(-1);
  return outer === undefined || dependsOn(outer, role) ? params : [...params, outer.params];
}

/**
 * A block with rescue or always begins and ends with all tasks answered, so that a failure belongs to the block it happened in.
 * Only failures are rescued; a lost host or the end of the play leaves at once, without `always`, as in Ansible.
 */
async function walkBlock(walk: HostWalk, block: Block, frame: Frame): Promise<void> {
  const part = (index: number, entries: readonly Entry[], more: Partial<Frame> = {}) =>
    walkEntries(walk, entries, {
      ...frame,
      chain: [...frame.chain, block satisfies Common],
      position: [...frame.position, index],
      ...more,
    });
  const { role } = block;
  if (role) {
    const inside = { params: paramsInside(role, frame) };
    // As in Ansible, what it depends on is asked by itself whether it runs once.
    if (role.once && (await hasRun(walk, role.identity)))
      return part(0, block.block.slice(0, role.dependencies.length), inside);
    await untilRoleEnds(() => part(0, block.block, inside));
    return isThrough(walk, role.identity, role);
  }
  if (block.rescue.length === 0 && block.always.length === 0) return part(0, block.block);

  const { lane } = walk.state;
  await lane.drain();
  /** One part, to its end on all hosts where a failure of one is a failure of all. */
  const whole = (index: number, entries: readonly Entry[], more?: Partial<Frame>) =>
    failureOf(walk, async () => {
      await part(index, entries, more);
      await lane.drain();
      if (!sharesFailures(walk, block, frame.chain)) return;
      await walk.play.rendezvous.meet(walk.host, [...frame.position, index, entries.length]);
      checkOn(walk);
      shareFailure(walk);
    });
  const isRescued = block.rescue.length > 0;
  let failure = await whole(0, block.block, { rescued: frame.rescued || isRescued });
  if (isRescued || frame.rescued) tellFailure(walk, failure);
  if (failure && isRescued) {
    lane.recover();
    failure = await whole(1, block.rescue);
    if (frame.rescued) tellFailure(walk, failure);
  }
  if (failure) lane.recover();
  // What cleans up after it no longer counts the host to the play's.
  if (failure && !frame.rescued) walk.state.out = true;
  const { pardons } = walk.state;
  await part(2, block.always);
  await lane.drain();
  if (failure && walk.state.pardons === pardons) throw failure;
}

/** What a rescue around it learns of a failure, and any `always` on the way there; it stays after the block, as in Ansible. */
function tellFailure({ state }: HostWalk, failure: TaskFailed | FailedElsewhere | undefined): void {
  if (!(failure instanceof TaskFailed)) return;
  for (const [name, value] of Object.entries(failedVariables(failure))) state.variables.set(name, value);
}

/** Whether a failure in a block may be everybody's. */
function sharesFailures({ play }: HostWalk, block: Block, chain: readonly Common[]): boolean {
  if (!play.inStep) return false;
  return play.play.anyErrorsFatal || chain.some(isFatal) || anyEntry([block], isFatal);
}

function isFatal({ anyErrorsFatal }: Common): boolean {
  return anyErrorsFatal !== undefined && anyErrorsFatal.value !== false;
}

async function untilRoleEnds(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof RoleEnds)) throw error;
  }
}

/** Whether a task failed, or its host was lost, for all hosts. */
function isForAll(error: unknown): error is TaskFailed | Stop {
  return error instanceof TaskFailed ? error.task.fatal : error instanceof Stop && error.fatal;
}

/** What blocks around it need not tell again. */
const shared = new WeakSet<TaskFailed | Stop>();

/** What goes wrong in a part of a block, told to the other hosts where it is theirs, too. */
async function failureOf(walk: HostWalk, work: () => Promise<void>): Promise<TaskFailed | FailedElsewhere | undefined> {
  const { play } = walk;
  try {
    await work();
    return undefined;
  } catch (error) {
    if (error instanceof FailedElsewhere) return error;
    if (play.inStep && isForAll(error) && !shared.has(error)) {
      shared.add(error);
      if (walk.shared === play.shared) play.shared += 1;
      walk.shared = play.shared;
    }
    if (!(error instanceof TaskFailed)) throw error;
    return error;
  }
}
