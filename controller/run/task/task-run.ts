import { type FilePlace, OrchError } from '../../../proto/errors.ts';
import { settings } from '../../config/settings.ts';
import { unheard } from '../../playbook/plays/check-handlers.ts';
import type { Common, Task } from '../../playbook/types.ts';
import type { Located } from '../../source/located.ts';
import { systemFault } from '../../source/system-fault.ts';
import { str } from '../../template/python/text.ts';
import { reachNames } from '../../vars/connection-names.ts';
import { failureOf } from '../failure.ts';
import type { Frame, HostWalk } from '../state.ts';
import { handlerName, handlersFor, nameInPlay } from '../walk/handlers.ts';
import type { Item } from './items.ts';
import { judge } from './judge.ts';
import { failedOutcome, type Notice, type Outcome, skippedOutcome } from './outcome.ts';
import { cautiousSettings, nearest, type Settings, taskSettings } from './settings.ts';
import { rolesIn, taskName } from './task-name.ts';
import type { TaskScope } from './task-scope.ts';

/** One task on one host, with what does not change from item to item. */
export interface TaskRun {
  readonly walk: HostWalk;
  readonly task: Task;
  /** Enclosing blocks and the task, outermost first. */
  readonly chain: readonly Common[];
  readonly scope: TaskScope;
  readonly name: string;
  /** The name as a template, where that is the same task for all hosts: includes may bring each of them others under one. */
  readonly written: string | undefined;
  readonly settings: Settings;
  /** True when items of its loop have settings of their own (`become_user: "{{ item }}"`), which `settings` is without. */
  readonly byItem: boolean;
  /** What a change notifies. */
  readonly notices: readonly Notice[];
  /** True when the workstation does it, or prepares it. */
  readonly isAction: boolean;
  /** Set when its keywords could not be evaluated: what the task comes to unless it is skipped. */
  readonly broken: Outcome | undefined;
  /** True when a failure is caught by a rescue around it. */
  readonly rescued: boolean;
  /** It was notified, or stands in what was: the flush that runs it. */
  readonly flush: string | undefined;
  /** Puts back what its variables were: a task that fails sets none. */
  readonly takeBack: (() => void)[];
  /** Nothing is told of it when it ends well. */
  readonly quiet?: boolean;
}

/** A task that was sent: without its scope, of which there would be as many as tasks are in flight. */
export type SentTask = Omit<TaskRun, 'scope'>;

export function sentTask({ scope: _, ...sent }: TaskRun): SentTask {
  return sent;
}

/** Evaluates the task's keywords. Throws Pending. */
export function prepareTask(walk: HostWalk, task: Task, frame: Frame, isAction: boolean): TaskRun {
  const chain = [...frame.chain, task];
  const scope = walk.play.run.scope(walk.play, {
    host: walk.host,
    vars: chain.map((entry) => entry.vars),
    params: frame.params,
    roles: rolesIn(chain),
    file: task.at.file,
    keywords: {
      connection: nearest(chain, 'connection') ?? walk.play.play.connection,
      remoteUser: nearest(chain, 'remoteUser') ?? walk.play.play.remoteUser,
    },
    locals: frame.locals,
  });
  const name = taskName(task, chain, scope, task.name && walk.play.handlerNames.get(task.name));
  const apart = withoutItems(task, chain, scope);
  const byItem = apart !== task;
  const run = {
    walk,
    task,
    chain,
    scope,
    name,
    written: frame.params.length === 0 && task.name?.value !== name ? task.name?.value : undefined,
    byItem,
    isAction,
    rescued: frame.rescued,
    flush: frame.flush,
    takeBack: [],
  };
  try {
    const whole = [...frame.chain, apart];
    const settings = taskSettings(walk, whole, scope);
    const notices = apart.notify === task.notify ? noticesOf(walk, whole, scope) : [];
    return { ...run, settings, notices, broken: undefined };
  } catch (error) {
    return {
      ...run,
      settings: cautiousSettings(walk, chain, scope),
      notices: [],
      broken: outcomeOf(error, name, task.at),
    };
  }
}

/** A task without the keywords to which each item of its loop, or the host that it is delegated to, gives another value. */
function withoutItems(task: Task, chain: readonly Common[], scope: TaskScope): Task {
  const { loop, become, environment, noLog, delegateTo, delegateFacts, notify, ignoreErrors } = task;
  const ofItems = new Set([
    ...(loop ? [loop.loopVar, loop.indexVar, 'ansible_loop'] : []),
    ...(nearest(chain, 'delegateTo') ? reachNames : []),
  ]);
  const asks = (value: Located | undefined) => value !== undefined && ofItems.size > 0 && scope.asksFor(value, ofItems);
  const user = asks(become.user);
  const surroundings = asks(environment);
  const owner = delegateFacts !== undefined && asks(delegateTo);
  const secrecy = asks(noLog);
  const topics = notify.some(asks);
  const ignored = asks(ignoreErrors);
  if (!user && !surroundings && !owner && !secrecy && !topics && !ignored) return task;
  return {
    ...task,
    ...(user ? { become: { ...become, user: undefined } } : {}),
    ...(surroundings ? { environment: undefined } : {}),
    // What one item hides is hidden of the whole.
    ...(noLog && secrecy ? { noLog: { ...noLog, value: true } } : {}),
    ...(owner ? { delegateFacts: undefined } : {}),
    ...(topics ? { notify: [] } : {}),
    ...(ignored ? { ignoreErrors: undefined } : {}),
  };
}

/** The same for one item, with the settings that are its own. Throws OrchError or Pending. */
export function runOfItem(run: TaskRun, { scope }: Item): TaskRun {
  return run.byItem ? { ...run, settings: taskSettings(run.walk, run.chain, scope) } : run;
}

/** What a change by one item notifies, where each item names its own. Throws OrchError or Pending. */
export function noticesOfItem({ byItem, walk, chain }: TaskRun, { scope }: Item): readonly Notice[] {
  return byItem ? noticesOf(walk, chain, scope) : [];
}

/** What a task notifies: what it says itself, or else the nearest around it. */
function noticesOf(walk: HostWalk, chain: readonly Common[], scope: TaskScope): readonly Notice[] {
  const topics = chain.findLast(({ notify }) => notify.length > 0)?.notify ?? [];
  const names = topics.flatMap((topic) => {
    const given = [scope.render(topic)].flat().filter((name) => !scope.isOmitted(name));
    return given.map((name) => ({ topic, name: str(name) }));
  });
  return names.map(({ topic, name }) => {
    const meant = (nameOf: (written: Located<string>) => string | undefined) => handlersFor(walk.play, name, nameOf);
    const notice = () => {
      const byPlay = meant((written) => nameInPlay(walk.play, written));
      return byPlay.length > 0 ? byPlay : meant((written) => handlerName(written, scope));
    };
    if (notice().length > 0 || !settings().errorOnMissingHandler) return notice;
    throw new OrchError({
      code: 'playbook-structure',
      summary: unheard(name),
      where: topic.origin.place(topic.path),
    });
  });
}

/** The outcome of an item whose conditions do not hold; undefined when it is to be run. Throws OrchError or Pending. */
export function skipped({ chain }: Pick<TaskRun, 'chain'>, scope: TaskScope): Outcome | undefined {
  for (const entry of chain) {
    for (const condition of entry.when) {
      if (!scope.holds(condition)) return skippedOutcome('Conditional result was False', condition.value);
    }
  }
  return undefined;
}

/** Applies changed_when and failed_when; a task whose result they can't be asked of has failed, with its result kept. */
export function judgeOrFail(
  { task, name }: Pick<TaskRun, 'task' | 'name'>,
  scope: TaskScope,
  outcome: Outcome,
): Outcome {
  try {
    return judge(task, scope, outcome);
  } catch (error) {
    const failed = outcomeOf(error, name, task.at);
    return { ...failed, durationMs: outcome.durationMs, result: { ...failed.result, ...outcome.result, failed: true } };
  }
}

/** The outcome of a task that failed on the workstation. Rethrows what is neither an OrchError nor said of a path. */
export function outcomeOf(error: unknown, task: string, at: FilePlace): Outcome {
  const fault = systemFault(error);
  if (fault !== undefined) {
    return outcomeOf(new OrchError({ code: 'task-failed', summary: fault, cause: error }), task, at);
  }
  if (error instanceof OrchError) {
    const failed = failedOutcome(failureOf(error, { name: task, at }));
    return { ...failed, result: { ...failed.result, ...error.result } };
  }
  throw error;
}
