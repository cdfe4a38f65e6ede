import { basename } from 'node:path';
import { OrchError } from '../../../proto/errors.ts';
import { asksFor } from '../../playbook/plays/variable-uses.ts';
import type { Entry, RoleUse } from '../../playbook/types.ts';
import { isTemplate } from '../../playbook/values/template-check.ts';
import type { Located } from '../../source/located.ts';
import { str } from '../../template/python/text.ts';
import { comparePositions } from '../position.ts';
import { Pending, TaskFailed } from '../signals.ts';
import type { Frame, HostWalk, PlacedSurroundings, PlayRun, RunContext, ScopedPlay, Surroundings } from '../state.ts';
import { rolesIn } from '../task/task-name.ts';
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

/** What stands around handlers that no include brought. */
function aroundPlay({ play }: ScopedPlay): Surroundings {
  return { chain: play.around, params: [], locals: {} };
}

/** A handler and what it stands in, outermost first. */
function within(entry: Entry): readonly Entry[] {
  const [inner] = entry.kind === 'block' ? entry.block : [];
  return [entry, ...(inner ? within(inner) : [])];
}

/** Names that the variables of a play and of their roles give handlers, before any host has run them. */
export function namesInPlay(
  run: RunContext,
  play: ScopedPlay,
  handlers: readonly Entry[] = play.play.handlers,
  around: Surroundings = aroundPlay(play),
): readonly (readonly [Located<string>, string])[] {
  return handlers.flatMap((entry) => {
    const { name } = handlerIn(entry);
    if (!name || !isTemplate(name.value) || asksFor(name, ofHosts)) return [];
    const known = nameNow(run, play, name, { ...around, chain: [...around.chain, ...within(entry)] });
    return known === undefined ? [] : [[name, known] as const];
  });
}

/** Undefined: it asks for what only a host knows, or what is yet to be read. */
function nameNow(run: RunContext, play: ScopedPlay, name: Located<string>, around: Surroundings): string | undefined {
  const { chain, ...seen } = around;
  const vars = chain.map((entry) => entry.vars);
  try {
    return handlerName(name, run.scope(play, { host: 'localhost', vars, roles: rolesIn(chain), ...seen }));
  } catch (error) {
    if (error instanceof OrchError || error instanceof Pending) return undefined;
    throw error;
  }
}

/** Has the play take handlers that an include brings, each with a name of its own: the same include may bring them often. */
export function joinHandlers(play: PlayRun, handlers: readonly Entry[], around: PlacedSurroundings): void {
  const own = handlers.map(withOwnName);
  for (const handler of own) play.surroundings.set(play.handlers.push(handler) - 1, around);
  for (const [name, known] of namesInPlay(play.run, play, own, around)) play.handlerNames.set(name, known);
}

function withOwnName(entry: Entry): Entry {
  if (entry.kind === 'block') return { ...entry, block: entry.block.map(withOwnName) };
  return { ...entry, name: entry.name && { ...entry.name } };
}

/** The role that a handler is of: the innermost around it. */
function roleOf(entry: Entry): RoleUse | undefined {
  return rolesIn(within(entry)).at(-1);
}

/** What a handler's role is called: one of a collection also by its own name. */
function rolesOf(entry: Entry): readonly string[] {
  const role = roleOf(entry);
  return role ? [role.name, basename(role.path)] : [];
}

/** Tells one role's handlers, or the play's own, from those of others. */
function sourceOf(entry: Entry | undefined): unknown {
  return entry && roleOf(entry)?.defaults;
}

/** A play's handlers, and what includes brought of them. */
type Known = Pick<PlayRun, 'handlers' | 'surroundings'>;

/** Handlers with their indexes, those of includes as these stand in the play: hosts come to them at their own pace. */
function inOrder({ handlers, surroundings }: Known): readonly (readonly [number, Entry])[] {
  const placeOf = (index: number) => surroundings.get(index)?.position ?? [];
  return [...handlers.entries()].sort(([one], [other]) => comparePositions(placeOf(one), placeOf(other)));
}

/** Handlers in the order in which a name is looked for: the last role's or the play's own first, each in its order. */
function lastSourceFirst(known: Known): readonly (readonly [number, Entry])[] {
  const { surroundings } = known;
  const sources: (readonly [number, Entry])[][] = [];
  for (const one of inOrder(known)) {
    const source = sources.at(-1);
    const [index, entry] = source?.[0] ?? [];
    const goesOn = sourceOf(entry) === sourceOf(one[1]) && surroundings.get(index ?? -1) === surroundings.get(one[0]);
    if (source && goesOn) source.push(one);
    else sources.push([one]);
  }
  return sources.reverse().flat();
}

/**
 * Indexes of the handlers that a notification means: one of that name, and those that listen to it, of each name one; both alone or
 * behind the role's name. `nameOf`: names may have templates; undefined: one that can't be rendered.
 */
export function handlersFor(
  known: Known,
  topic: string,
  nameOf: (name: Located<string>) => string | undefined,
): readonly number[] {
  let named: number | undefined;
  const listening = new Map<string | number, number>();
  for (const [index, entry] of lastSourceFirst(known)) {
    const handler = handlerIn(entry);
    const name = handler.name && nameOf(handler.name);
    const roles = rolesOf(entry);
    const isTopic = (word: string) => word === topic || roles.some((role) => `${role} : ${word}` === topic);
    if (name !== undefined && isTopic(name)) named ??= index;
    const key = name ?? index;
    if (handler.kind !== 'block' && handler.listen.some(isTopic) && !listening.has(key)) listening.set(key, index);
  }
  return [...new Set([...(named === undefined ? [] : [named]), ...listening.values()])];
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
  for (const [index, handler] of inOrder(walk.play)) {
    for (const notice of walk.notices.splice(0)) for (const meant of notice(position)) walk.notified.add(meant);
    if (!walk.notified.delete(index)) continue;
    const { surroundings } = walk.play;
    try {
      await walkEntry(walk, handler, {
        ...(surroundings.get(index) ?? aroundPlay(walk.play)),
        position: [...position, index],
        rescued,
        flush: position.join('.'),
      });
    } catch (error) {
      // Others ended it here: where handlers are forced it is still to be run.
      if (!(error instanceof TaskFailed)) walk.notified.add(index);
      throw error;
    }
    // Those behind one that fails are left for later where that is rescued.
    if (rescued || handler.kind !== 'task' || handler.notify.length > 0) await walk.state.lane.drain();
  }
  await walk.state.lane.drain();
}
