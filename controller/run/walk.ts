import type { Block, Common, Entry } from '../playbook/types.ts';
import { flushHandlers } from './handlers.ts';
import { walkInclude } from './include.ts';
import { RoleEnds, Stop, TaskFailed } from './signals.ts';
import type { Frame, HostWalk, PlayRun, WalkEnd } from './state.ts';
import { walkTask } from './walk-task.ts';

/** Takes one host through its play, at its own pace. Never rejects but for defects. */
export async function walkPlay(walk: HostWalk): Promise<WalkEnd> {
  const { play, state } = walk;
  const frame: Frame = { chain: play.play.around, params: [], locals: {}, position: [], rescued: false };
  try {
    await walkEntries(walk, play.play.entries, frame);
    // Twice, as in Ansible: the second time for those that a handler behind them notified.
    for (const flush of [0, 1]) await flushHandlers(walk, [play.play.entries.length + flush], walkEntry);
    await state.lane.drain();
    return { how: 'done' };
  } catch (error) {
    const end = walkEnd(error);
    // Before the others, who may be waiting for this host, go on.
    if (isLoss(end)) play.lost += 1;
    if (isLoss(end) && endsForAll(play, error)) {
      play.ending = 'aborted';
      play.run.dropQueued();
    }
    if (end.how === 'failed' && (play.play.forceHandlers ?? play.run.options.forceHandlers)) await forceHandlers(walk);
    return end;
  } finally {
    play.rendezvous.leave(walk.host);
  }
}

/** What a walk came to that something ended. Rethrows defects. */
function walkEnd(error: unknown): WalkEnd {
  if (error instanceof TaskFailed) return { how: 'failed', failure: error.outcome.failure };
  if (error instanceof Stop) return { how: error.reason, failure: error.failure };
  throw error;
}

/** Whether the loss of a host ends the play for all of its batch. */
function endsForAll({ play, batch, lost }: PlayRun, error: unknown): boolean {
  if (play.anyErrorsFatal || (error instanceof TaskFailed && error.task.fatal)) return true;
  return play.maxFailPercentage !== undefined && (lost / batch.length) * 100 > play.maxFailPercentage;
}

/** Runs what was notified before the host failed. A handler that fails ends it: the host is lost already. */
async function forceHandlers(walk: HostWalk): Promise<void> {
  walk.state.lane.recover();
  try {
    await flushHandlers(walk, [walk.play.play.entries.length], walkEntry);
  } catch (error) {
    if (!(error instanceof TaskFailed || error instanceof Stop)) throw error;
  }
}

/** True when the host is out of the plays that follow. */
export function isLoss({ how }: WalkEnd): boolean {
  return how === 'failed' || how === 'unreachable' || how === 'aborted';
}

/** Entries in order; `position` of the frame is the list's own. */
async function walkEntries(walk: HostWalk, entries: readonly Entry[], frame: Frame): Promise<void> {
  for (const [index, entry] of entries.entries()) {
    await walkEntry(walk, entry, { ...frame, position: [...frame.position, index] });
  }
}

async function walkEntry(walk: HostWalk, entry: Entry, frame: Frame): Promise<void> {
  if (entry.kind === 'block') await walkBlock(walk, entry, frame);
  else if (entry.kind === 'include') await walkInclude(walk, entry, frame, walkEntries);
  else await walkTask(walk, entry, frame, (position) => flushHandlers(walk, position, walkEntry));
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
  const once = block.role?.once;
  if (once !== undefined && walk.ran.has(once)) return;
  if (once !== undefined) walk.ran.add(once);
  if (block.role) return untilRoleEnds(() => part(0, block.block));
  if (block.rescue.length === 0 && block.always.length === 0) return part(0, block.block);

  const { lane } = walk.state;
  await lane.drain();
  let failure = await failureOf(async () => {
    await part(0, block.block, { rescued: frame.rescued || block.rescue.length > 0 });
    await lane.drain();
  });
  if (failure && block.rescue.length > 0) {
    lane.recover();
    // They stay after the block, as in Ansible.
    for (const [name, value] of Object.entries(failedVariables(failure))) walk.state.variables.set(name, value);
    failure = await failureOf(async () => {
      await part(1, block.rescue);
      await lane.drain();
    });
  }
  if (failure) lane.recover();
  await part(2, block.always);
  await lane.drain();
  if (failure) throw failure;
}

async function untilRoleEnds(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof RoleEnds)) throw error;
  }
}

async function failureOf(work: () => Promise<void>): Promise<TaskFailed | undefined> {
  try {
    await work();
    return undefined;
  } catch (error) {
    if (error instanceof TaskFailed) return error;
    throw error;
  }
}

function failedVariables({ task: { fatal: _, ...task }, outcome }: TaskFailed): Readonly<Record<string, unknown>> {
  return { ansible_failed_task: task, ansible_failed_result: outcome.result };
}
