import { basename } from 'node:path';
import { OrchError } from '../../../proto/errors.ts';
import { isTemplate } from '../../playbook/template-check.ts';
import type { Entry } from '../../playbook/types.ts';
import { asksFor } from '../../playbook/variable-uses.ts';
import type { Located } from '../../source/located.ts';
import { str } from '../../template/python/text.ts';
import { Pending } from '../signals.ts';
import type { Frame, HostWalk, PlayRun, RunContext, ScopedPlay } from '../state.ts';
import type { TaskScope } from '../task/task-scope.ts';

/** The handler itself: that of a role or an import stands in a block. */
function handlerIn(entry: Entry): Entry {
  const [inner] = entry.kind === 'block' ? entry.block : [];
  return inner ? handlerIn(inner) : entry;
}

/** Undefined: its template can't be rendered, so nothing means it. */
export function handlerName(name: Located<string>, scope: Pick<TaskScope, 'render'>): string | undefined {
  try {
    return isTemplate(name.value) ? str(scope.render(name)) : name.value;
  } catch (error) {
    if (error instanceof OrchError) return undefined;
    throw error;
  }
}

/** What its handler is called by the variables that the play began with: as in Ansible, those that change later rename none. */
export function nameInPlay({ handlerNames }: PlayRun, name: Located<string>): string | undefined {
  return isTemplate(name.value) ? handlerNames.get(name) : name.value;
}

/** What a play does not know. */
const ofHosts: ReadonlySet<string> = new Set(
  'inventory_hostname inventory_hostname_short group_names ansible_host ansible_facts'.split(' '),
);

/** Names that the variables of a play give its handlers, before any host has begun. */
export function namesInPlay(run: RunContext, play: ScopedPlay): Map<Located<string>, string> {
  const names = new Map<Located<string>, string>();
  for (const { name } of play.play.handlers.map(handlerIn)) {
    const known = name && isTemplate(name.value) && !asksFor(name, ofHosts) ? nameNow(run, play, name) : undefined;
    if (name && known !== undefined) names.set(name, known);
  }
  return names;
}

/** Undefined: it asks for what only a host knows, or what is yet to be read. */
function nameNow(run: RunContext, play: ScopedPlay, name: Located<string>): string | undefined {
  try {
    return handlerName(name, run.scope(play, { host: 'localhost', vars: [], params: [], locals: {} }));
  } catch (error) {
    if (error instanceof OrchError || error instanceof Pending) return undefined;
    throw error;
  }
}

/** The roles around a handler. */
function rolesOf(entry: Entry): readonly string[] {
  if (entry.kind !== 'block') return [];
  // One of a collection also by its own name.
  return [...(entry.role ? [entry.role.name, basename(entry.role.path)] : []), ...entry.block.flatMap(rolesOf)];
}

/** Tells one role's handlers, or the play's own, from those of others. */
function sourceOf(entry: Entry | undefined): unknown {
  return entry?.kind === 'block' ? entry.role?.defaults : undefined;
}

/** Handlers in the order in which a name is looked for: the last role's or the play's own first, each in its order. */
function lastSourceFirst(handlers: readonly Entry[]): readonly (readonly [number, Entry])[] {
  const sources: [number, Entry][][] = [];
  for (const [index, entry] of handlers.entries()) {
    const source = sources.at(-1);
    if (source && sourceOf(handlers[index - 1]) === sourceOf(entry)) source.push([index, entry]);
    else sources.push([[index, entry]]);
  }
  return sources.reverse().flat();
}

/**
 * Indexes of the handlers that a notification means: one of that name, alone or behind its role's, and those that listen to
 * it, of each name one. `nameOf`: names may have templates; undefined: one that can't be rendered.
 */
export function handlersFor(
  handlers: readonly Entry[],
  topic: string,
  nameOf: (name: Located<string>) => string | undefined,
): readonly number[] {
  let named: number | undefined;
  const listening = new Map<string | number, number>();
  for (const [index, entry] of lastSourceFirst(handlers)) {
    const handler = handlerIn(entry);
    const name = handler.name && nameOf(handler.name);
    const isNamed = name === topic || rolesOf(entry).some((role) => `${role} : ${name}` === topic);
    if (name !== undefined && isNamed) named ??= index;
    const key = name ?? index;
    if (listens(handler, topic) && !listening.has(key)) listening.set(key, index);
  }
  return [...new Set([...(named === undefined ? [] : [named]), ...listening.values()])];
}

function listens(handler: Entry, topic: string): boolean {
  return handler.kind !== 'block' && handler.listen.includes(topic);
}

/**
 * Runs the notified handlers of one host, each once, in the order they are defined, where the walk stands. A handler that a
 * later one notifies waits for the next flush.
 */
export async function flushHandlers(
  walk: HostWalk,
  { position, rescued }: Pick<Frame, 'position' | 'rescued'>,
  walkEntry: (walk: HostWalk, entry: Entry, frame: Frame) => Promise<void>,
): Promise<void> {
  await walk.state.lane.drain();
  for (const [index, handler] of walk.play.handlers.entries()) {
    for (const notice of walk.notices.splice(0)) for (const meant of notice()) walk.notified.add(meant);
    if (!walk.notified.delete(index)) continue;
    const { surroundings, play } = walk.play;
    await walkEntry(walk, handler, {
      ...(surroundings.get(index) ?? { chain: play.around, params: [], locals: {} }),
      position: [...position, index],
      rescued,
      flush: position.join('.'),
    });
    // Those behind one that fails are left for later where that is rescued.
    if (rescued || handler.kind !== 'task' || handler.notify.length > 0) await walk.state.lane.drain();
  }
  await walk.state.lane.drain();
}
