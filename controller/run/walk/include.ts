import { OrchError } from '../../../proto/errors.ts';
import { exactJson } from '../../../proto/exact-json.ts';
import { includedIdentity } from '../../playbook/parse/parse-role.ts';
import { entryName } from '../../playbook/plays/list-tasks.ts';
import { ownTask } from '../../playbook/plays/own-task.ts';
import type { Entry, Include, LoadedRole, RoleFiles, RoleUse } from '../../playbook/types.ts';
import type { Located } from '../../source/located.ts';
import { str } from '../../template/python/text.ts';
import { includingRoles } from '../../vars/roles.ts';
import { renderedTags } from '../input/render-tags.ts';
import { type Position, positionKey } from '../position.ts';
import type { Frame, HostWalk, IncludedEntries, PlayRun, TagsAround } from '../state.ts';
import { tellItem, wholeOutcome } from '../task/finish.ts';
import { type Item, taskItems, withKeys } from '../task/items.ts';
import type { Outcome, TaskResult } from '../task/outcome.ts';
import { addStep, checkOn, shareFailure, whenKnown } from '../task/pace.ts';
import { rolesIn } from '../task/task-name.ts';
import { outcomeOf, prepareTask, skipped, type TaskRun } from '../task/task-run.ts';
import type { TaskScope } from '../task/task-scope.ts';
import { joinHandlers } from './handlers.ts';
import { withoutItems } from './in-turn.ts';
import { meetsAt } from './meeting.ts';
import { isDoneOnce, mayBeDoneOnce } from './once.ts';
import { hasRun, isThrough } from './ran-roles.ts';

/** Files in files: more than this is a file that includes itself. */
const deepest = 64;

interface Included extends IncludedEntries {
  readonly outcome: Outcome;
  readonly item: Item;
  readonly path: string;
  /** Of a role, those that it is read from. */
  readonly files?: Omit<RoleFiles, 'public'> | undefined;
}

type WalkEntries = (walk: HostWalk, entries: readonly Entry[], frame: Frame) => Promise<void>;

/** include_tasks: reads the files it names now, and walks through them as if their tasks stood here. */
export async function walkInclude(
  walk: HostWalk,
  include: Include,
  frame: Frame,
  walkEntries: WalkEntries,
): Promise<void> {
  checkOn(walk);
  const task = {
    ...ownTask(include.ofRole ? 'include_role' : 'include_tasks', include, {}, include.loop),
    args: include.args,
    register: include.register,
    calledAs: shownAs(include),
    name: include.name,
  };
  const perhapsOnce = mayBeDoneOnce(task, [...frame.chain, task], walk.play.play);
  if (perhapsOnce || meetsAt(walk.play, frame.position)) {
    await walk.state.lane.drain();
    const gathering = await walk.play.rendezvous.meet(walk.host, frame.position);
    const [first = walk.host] = gathering.hosts;
    checkOn(walk);
    shareFailure(walk);
    const { steps, emit } = walk.play.run;
    if (!((await steps?.does(gathering, entryName(task), emit)) ?? true)) return;
    // The others go on without it; what is in it knows of no other host.
    if (perhapsOnce && (await isDoneOnce(walk, task, frame, first)) && first !== walk.host) return;
  } else walk.meetsAt = frame.position;
  const run = await whenKnown(walk, () => prepareTask(walk, task, frame, true));
  const found = await whenKnown(walk, () => includeItems(run, include, frame));
  const included = Array.isArray(found) ? found : [];
  const outcomes = included.map(({ item, outcome }) => withKeys(outcome, item));
  const inItsTurn = walk.state.lane.drain().then(
    () => {
      for (const outcome of outcomes) tellItem(run, outcome);
    },
    () => undefined,
  );
  addStep(
    run,
    inItsTurn.then(() => (Array.isArray(found) ? wholeOutcome(run, outcomes) : found)),
  );
  if (!Array.isArray(found) || outcomes.some(({ status }) => status === 'failed')) await walk.state.lane.drain();
  const reached = included
    .map((one, index) => ({ ...one, inner: frameInside(walk, include, frame, { one, index }) }))
    .filter((_, index) => outcomes[index]?.status === 'ok');
  // As in Ansible all that a loop brings is known before the first of it is run.
  for (const { inner, ...one } of reached) joinPlay(walk.play, include, one, inner, frame.position);
  for (const { entries, role, files, item, inner } of reached) {
    const identity = role && files && includedIdentity(role.use.path, include.vars, files, item.keys);
    if (include.ofRole?.allowDuplicates === false && (await hasRun(walk, identity))) continue;
    await walkEntries(walk, entries, inner);
    if (role) isThrough(walk, identity, role.use);
  }
}

/** What stands around the entries that an item of an include brings. */
function frameInside(
  walk: HostWalk,
  include: Include,
  frame: Frame,
  { one: { item, path }, index }: { readonly one: Included; readonly index: number },
): Frame {
  return {
    ...frame,
    chain: include.apply ? [...frame.chain, { ...include.apply, name: undefined }] : frame.chain,
    // What an include says of itself (when, tags) is not handed down; its variables are.
    params: [...frame.params, include.vars],
    locals: { ...frame.locals, ...item.keys },
    position: [...frame.position, index, fileNumber(walk, path)],
  };
}

/** What each item brings; of a loop that can't be evaluated, how the whole of it ended. */
function includeItems(run: TaskRun, include: Include, frame: Frame): Included[] | Outcome {
  let items: readonly Item[];
  const nothing = { path: '', from: '', entries: [] };
  try {
    items = taskItems(run);
  } catch (error) {
    return withoutItems(run, error);
  }
  return items.map((item) => {
    try {
      const known = skipped(run, item.scope) ?? run.broken;
      if (known) return { ...nothing, item, outcome: known };
      if (frame.position.length > deepest * 3) throw tooDeep(include);
      const path = str(item.scope.render(include.file));
      // As in Ansible tags don't matter to what a handler includes.
      const tags = frame.flush === undefined ? tagsAround(run.walk, include, frame, item.scope) : undefined;
      const { play } = run.walk;
      const files = include.ofRole && renderedFiles(include.ofRole, item);
      const found = files
        ? play.run.includeRole(path, files, include.standing, tags)
        : play.run.includeTasks(path, include.standing, tags);
      const result = includeResult(include, path, item);
      return {
        ...found,
        files,
        path,
        item,
        outcome: { status: 'ok', result, message: `included: ${found.from}`, durationMs: 0 },
      };
    } catch (error) {
      return { ...nothing, item, outcome: withReason(outcomeOf(error, run.name, include.at), include) };
    }
  });
}

/** What an include registers: as in Ansible what it says. What it applies is for the tasks that it brings, and stays as it is written. */
function includeResult({ ofRole, args, loop }: Include, path: string, { scope }: Item): TaskResult {
  const { apply, ...others } = args.value;
  const said = ofRole ? (scope.render({ ...args, value: others }) as TaskResult) : {};
  const include_args = apply === undefined ? said : { ...said, apply };
  return { ...(loop ? {} : { changed: false }), ...(ofRole ? {} : { include: path }), include_args };
}

/** Tells as Ansible what could not be brought. */
function withReason(outcome: Outcome, { ofRole, file }: Include): Outcome {
  const { message: reason } = outcome;
  return { ...outcome, result: { ...outcome.result, reason, ...(ofRole ? {} : { include: file.value }) } };
}

/**
 * Tags that hold for what is included: the play's and the blocks', and those the include applies, but not its own. As in Ansible
 * templates of tags in there see the variables of the include, and which roles include what it brings.
 */
function tagsAround({ play }: HostWalk, include: Include, frame: Frame, scope: TaskScope): TagsAround {
  const said = [...play.play.tags, ...frame.chain.flatMap(({ tags }) => tags), ...(include.apply?.tags ?? [])];
  const seen = include.ofRole ? scope.with(includingRoles(rolesIn(frame.chain))) : scope;
  const render = (located: Located) => seen.render(located);
  return { said: renderedTags(said, () => render), render };
}

/** What an include is called that has no name: as in Ansible with the role's name as it is written, if it is of one. */
function shownAs({ ofRole, file, calledAs }: Include): string | undefined {
  return ofRole ? `${calledAs ?? 'include_role'} : ${file.value}` : calledAs;
}

/** The files of a role by their names as text. */
function renderedFiles({ public: _, ...files }: RoleFiles, { scope }: Item): Omit<RoleFiles, 'public'> {
  const text = (from: Located<string> | undefined) => {
    const value = from && scope.render(from);
    return from && !scope.isOmitted(value) ? { ...from, value: str(value) } : undefined;
  };
  return {
    tasks: text(files.tasks),
    vars: text(files.vars),
    defaults: text(files.defaults),
    handlers: text(files.handlers),
    // Whether it runs again is decided where it is reached.
    allowDuplicates: true,
    unchecked: files.unchecked,
  };
}

/** The role that an include named; the play sees its variables where it is public. */
function includedUse({ ofRole }: Include, { use }: LoadedRole): RoleUse {
  return { ...use, private: ofRole?.public !== true };
}

/** Roles that were reached bring their handlers, their names and, but for private ones, their variables, for the rest of the play. */
function joinPlay(
  play: PlayRun,
  include: Include,
  { path, role, imported = [] }: Included,
  { chain, params, locals, position: inside }: Frame,
  position: Position,
): void {
  const { file, line, column } = include.at;
  const handlers = role?.handlers ?? imported.flatMap((each) => each.handlers);
  const roles = role ? [...(role.imported ?? []), includedUse(include, role)] : imported.map(({ use }) => use);
  if (isFirst(play, `${file}:${line}:${column} ${path}`)) play.includedRoles.push(...roles);
  if (handlers.length === 0) return;
  // Each time that it is reached, and each item, brings them anew, but for hosts that reach it with the same item.
  if (isFirst(play, `${positionKey(inside)} ${path} ${exactJson(locals)}`))
    joinHandlers(play, handlers, { chain, params, locals, position });
}

function isFirst({ joined }: PlayRun, what: string): boolean {
  const isNew = !joined.has(what);
  joined.add(what);
  return isNew;
}

function tooDeep({ file }: Include): OrchError {
  return new OrchError({
    code: 'include-cycle',
    summary: `Files include each other more than ${deepest} deep.`,
    where: file.origin.place(file.path),
  });
}

/** Numbers the files of a play, so that hosts in different files never meet. */
function fileNumber({ play }: HostWalk, path: string): number {
  const number = play.included.get(path) ?? play.included.size;
  play.included.set(path, number);
  return number;
}
