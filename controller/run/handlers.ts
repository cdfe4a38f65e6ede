import type { Entry, Play } from '../playbook/types.ts';
import type { Position } from './position.ts';
import type { Frame, HostWalk } from './state.ts';

/** Indexes of the handlers that a notification means: the last of that name, and all that listen to it. */
export function handlersFor(play: Play, topic: string): readonly number[] {
  const named = play.handlers.findLastIndex((handler) => handler.name?.value === topic);
  const listening = play.handlers.flatMap((handler, index) => (listens(handler, topic) ? [index] : []));
  return named < 0 || listening.includes(named) ? listening : [named, ...listening];
}

function listens(handler: Entry, topic: string): boolean {
  return handler.kind === 'task' && handler.listen.includes(topic);
}

/**
 * Runs the notified handlers of one host, each once, in the order they are defined. A handler that a later one notifies waits for
 * the next flush.
 */
export async function flushHandlers(
  walk: HostWalk,
  position: Position,
  walkEntry: (walk: HostWalk, entry: Entry, frame: Frame) => Promise<void>,
): Promise<void> {
  await walk.state.lane.drain();
  for (const [index, handler] of walk.play.play.handlers.entries()) {
    if (!walk.notified.delete(index)) continue;
    await walkEntry(walk, handler, {
      chain: [],
      params: [],
      locals: {},
      position: [...position, index],
      rescued: false,
    });
    if (handler.kind !== 'task' || handler.notify.length > 0) await walk.state.lane.drain();
  }
  await walk.state.lane.drain();
}
