import type { Entry } from '../playbook/types.ts';
import type { Located } from '../source/located.ts';
import type { Position } from './position.ts';
import type { Frame, HostWalk } from './state.ts';

/** The handler itself: that of a role or an import stands in a block. */
function handlerIn(entry: Entry): Entry {
  const [inner] = entry.kind === 'block' ? entry.block : [];
  return inner ? handlerIn(inner) : entry;
}

/** The roles around a handler. */
function rolesOf(entry: Entry): readonly string[] {
  if (entry.kind !== 'block') return [];
  return [...(entry.role ? [entry.role.name] : []), ...entry.block.flatMap(rolesOf)];
}

/**
 * Indexes of the handlers that a notification means: the last of that name, alone or behind its role's, and those that listen to
 * it, of each name the last. `nameOf`: names may have templates.
 */
export function handlersFor(
  handlers: readonly Entry[],
  topic: string,
  nameOf: (name: Located<string>) => string,
): readonly number[] {
  const isNamed = (entry: Entry): boolean => {
    const { name } = handlerIn(entry);
    if (!name) return false;
    const text = nameOf(name);
    return text === topic || rolesOf(entry).some((role) => `${role} : ${text}` === topic);
  };
  const named = handlers.findLastIndex(isNamed);
  const lastOfName = new Map<string | number, number>();
  for (const [index, entry] of handlers.entries()) {
    const handler = handlerIn(entry);
    if (listens(handler, topic)) lastOfName.set(handler.name ? nameOf(handler.name) : index, index);
  }
  const listening = [...lastOfName.values()];
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
  for (const [index, handler] of walk.play.handlers.entries()) {
    if (!walk.notified.delete(index)) continue;
    await walkEntry(walk, handler, {
      chain: walk.play.play.around,
      params: [],
      locals: {},
      position: [...position, index],
      rescued: false,
      handler: true,
    });
    if (handler.kind !== 'task' || handler.notify.length > 0) await walk.state.lane.drain();
  }
  await walk.state.lane.drain();
}
