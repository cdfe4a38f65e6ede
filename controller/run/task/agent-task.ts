import { lines } from '../../../agent/modules/shared/run-command.ts';
import { type FilePlace, isErrorCode, OrchError } from '../../../proto/errors.ts';
import { exactJson, readDataJson } from '../../../proto/exact-json.ts';
import { type Diff, type ItemDone, Status, type Task } from '../../../proto/gen/orch/v1/agent.ts';
import { ownUser } from '../../../proto/own-user.ts';
import { catalog } from '../../catalog.ts';
import { withoutSecrets } from '../../playbook/values/secrets.ts';
import type { Change, Failure } from '../../report/types.ts';
import { isDeeper, mostLevels } from '../../template/python/deeper.ts';
import { failureOf } from '../failure.ts';
import type { AgentLink, TaskListener } from '../hosts/agent-link.ts';
import { failedOutcome, type Outcome, type TaskResult } from './outcome.ts';
import type { SentTask } from './task-run.ts';

/** What the agent is asked to do for a task. */
export interface AgentCall {
  /** Whose lane it goes to. */
  readonly host: string;
  /** The host that does it. */
  readonly on: string;
  readonly module: string;
  /** One for each item that is to be run. */
  readonly params: readonly Readonly<Record<string, unknown>>[];
  readonly keepGoing: boolean;
  /** The lane, where it is not the host's own. */
  readonly lane?: string;
  /** Its id, where it is a job that nobody waits for. */
  readonly job?: string;
  /** Deadline, where it is not that of the task's keyword. */
  readonly timeoutMs?: number;
  /** Contents that it may ask for. */
  readonly offers?: TaskListener['offers'];
  /** Called as items end, with their index in `params`: what the workstation makes of it. */
  readonly judge?: (index: number, outcome: Outcome) => Outcome;
}

/**
 * Sends a task in the host's own lane and gives one outcome for each of `params`. It is sent before this returns; never rejects.
 */
export function runOnAgent(link: AgentLink, run: SentTask, call: AgentCall): Promise<readonly Outcome[]> {
  const { walk, settings, task } = run;
  const { lane } = walk.play.run.host(call.host);
  const outcomes: Outcome[] = [];
  const listener: TaskListener = {
    offers: call.offers,
    started: () => tellStart(run),
    output: (text, stderr) => {
      if (settings.noLog) return;
      walk.play.run.emit({ type: 'task-output', host: walk.host, task: run.name, stderr, text });
    },
    item: (item) => {
      const outcome = itemOutcome(item, run, call);
      outcomes[item.item] = call.judge?.(item.item, outcome) ?? outcome;
    },
  };
  const items = call.params.map((params) => ({ paramsJson: exactJson(params) }));
  const bytes = items.reduce((sum, { paramsJson }) => sum + Buffer.byteLength(paramsJson), 0);
  if (bytes > mostArguments) return Promise.resolve(items.map(() => tooLarge(run, bytes)));
  const reply = link.run(
    {
      lane: call.lane ?? call.host,
      job: call.job,
      batch: lane.batch,
      module: call.module,
      items,
      check: settings.check,
      diff: settings.diff,
      noLog: settings.noLog,
      keepGoing: call.keepGoing,
      ...actor(link, run, call.on),
      timeoutMs: call.timeoutMs ?? settings.timeoutMs,
      persist: walk.play.play.persist,
      ahead: call.lane === undefined && (lane.busy || !walk.play.run.progress.ended),
      where: `${task.at.file}:${task.at.line}:${task.at.column}`,
    },
    listener,
  );
  const ended = (missing: Outcome) => call.params.map((_, index) => outcomes[index] ?? missing);
  return reply.then(
    () => ended(droppedOutcome),
    (error: unknown) => ended(lostOutcome(error, run.name, task.at)),
  );
}

/** As much as fits into one message (agent/serve.ts) beside the task itself. */
const mostArguments = 30 * 1024 * 1024;

function tooLarge({ name, task }: SentTask, bytes: number): Outcome {
  const megabytes = (count: number) => Math.ceil(count / 1024 / 1024);
  return failedOutcome({
    code: 'task-failed',
    summary: `The arguments of the task have ${megabytes(bytes)} MiB; no more than ${megabytes(mostArguments)} can be sent.`,
    hint: 'Have it copy a file instead of a text, or loop over fewer items at a time.',
    task: name,
    at: task.at,
  });
}

/** As whom and where the task's programs run. */
export function actor(link: AgentLink, run: SentTask, on: string): Pick<Task, 'runAs' | 'cwd' | 'environment'> {
  return { runAs: runAs(link, run, on), ...surroundings(link, run, on) };
}

/** User that commands and files belong to; empty: root. */
function runAs({ local }: AgentLink, run: SentTask, on: string): string {
  const name = run.settings.becomeUser ?? (local ? ownUser() : login(run, on));
  return name === 'root' ? '' : name;
}

/** Who the task would log in as. */
function login({ walk, settings }: SentTask, on: string): string {
  const user = walk.play.run.connectionUser(on);
  return user.loginSaid ? user.login : (settings.remoteUser ?? user.login);
}

/**
 * On other hosts tasks start in the home that the login has, on the workstation where the playbook is, in the environment of this
 * process; as another user than its own in that user's, as sudo has it.
 */
function surroundings({ local }: AgentLink, run: SentTask, on: string): Pick<Task, 'cwd' | 'environment'> {
  const { walk, settings } = run;
  if (!local) return { cwd: `~${login(run, on)}`, environment: settings.environment };
  const isOthers = settings.becomeUser !== undefined && settings.becomeUser !== ownUser();
  const own = Object.entries(isOthers || walk.play.play.persist ? {} : process.env).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value]],
  );
  return { cwd: walk.play.run.playbookDir, environment: { ...Object.fromEntries(own), ...settings.environment } };
}

/** Arguments for the record: kept where somebody will see them, without secrets. */
export function keptArgs({ walk, task }: SentTask, args: unknown): unknown {
  if (walk.play.run.options.verbosity < 3) return undefined;
  // What of a module's or plugin's own is secret only that knows.
  if (task.custom ?? task.plugin) return undefined;
  const entry = catalog.get(task.module);
  return entry === undefined ? args : withoutSecrets(entry.params, args);
}

/** Tells that a task begins. */
export function tellStart({ walk, name, task }: SentTask): void {
  walk.play.run.emit({
    type: 'task-start',
    host: walk.host,
    play: walk.play.name,
    task: name,
    module: task.module,
  });
}

export const droppedOutcome: Outcome = { status: 'dropped', result: {}, durationMs: 0 };

/** The host was lost: unreachable, with the reason. Rethrows what is no failure to reach one: a host that nobody knows. */
export function lostOutcome(error: unknown, task: string, at: FilePlace): Outcome {
  if (!(error instanceof OrchError) || error.code === 'unknown-host') throw error;
  const failure = failureOf(error, { name: task, at });
  return {
    status: 'unreachable',
    result: { changed: false, unreachable: true, msg: failure.summary },
    message: failure.summary,
    failure: { ...failure, at },
    durationMs: 0,
  };
}

const statuses: Readonly<Record<number, Outcome['status']>> = {
  [Status.OK]: 'ok',
  [Status.CHANGED]: 'changed',
  [Status.SKIPPED]: 'skipped',
};

/** Modules whose results have their changes as a list, in Ansible. */
const listed: ReadonlySet<string> = new Set(['blockinfile', 'copy', 'lineinfile']);

function itemOutcome(item: ItemDone, run: SentTask, { module, params }: AgentCall): Outcome {
  const status = statuses[item.status] ?? 'failed';
  const parsed = parseResult(item.resultJson);
  const said = typeof parsed.msg === 'string' && parsed.msg !== '' ? parsed.msg : undefined;
  const message = item.diagnostic?.summary ?? said;
  const result: Record<string, unknown> = {
    ...linesOf(parsed),
    ...(message === undefined ? undefined : { msg: message }),
    ...parsed,
  };
  if (typeof parsed.changed !== 'boolean') result.changed = status === 'changed';
  result.failed = status === 'failed';
  if (status === 'skipped') result.skipped = true;
  if (item.warnings.length > 0) result.warnings = item.warnings;
  const diff = item.diff && [item.diff, ...item.moreDiffs];
  const registered = diff?.map(registeredDiff);
  if (registered) result.diff ??= listed.has(module) ? registered : registered[0];
  return {
    status,
    result,
    message,
    diff: diff?.map(toldDiff),
    warnings: item.warnings,
    failure: status === 'failed' ? itemFailure(item, message, run) : undefined,
    args: keptArgs(run, params[item.item]),
    durationMs: item.durationUs / 1000,
  };
}

/** The lines of what programs wrote, beside the text, whatever module tells it. */
function linesOf(result: TaskResult): Record<string, unknown> {
  const own: Record<string, unknown> = {};
  for (const key of ['stdout', 'stderr'] as const) {
    const text = result[key];
    if (typeof text === 'string' && !(`${key}_lines` in result)) own[`${key}_lines`] = lines(text);
  }
  return own;
}

/** A part of a change as results have it, with Ansible's keys: of a file that keeps its text, what else it is as a mapping. */
function registeredDiff({ before, after, path, afterPath, prepared }: Diff): Readonly<Record<string, unknown>> {
  const value = (text: string) => (path === '' && text.startsWith('{\n') ? parseResult(text) : text);
  return {
    ...(before === '' && after === '' ? {} : { before: value(before), after: value(after) }),
    ...(path === '' ? {} : { before_header: path }),
    ...(afterPath === '' ? {} : { after_header: afterPath }),
    ...(prepared === '' ? {} : { prepared }),
  };
}

/** A part of a change without what it does not say. */
function toldDiff({ before, after, ...heads }: Diff): Change {
  return { before, after, ...Object.fromEntries(Object.entries(heads).filter(([, text]) => text !== '')) };
}

function itemFailure({ diagnostic }: ItemDone, message: string | undefined, run: SentTask): Failure {
  return {
    code: diagnostic && isErrorCode(diagnostic.code) ? diagnostic.code : 'task-failed',
    summary: diagnostic?.summary || message || 'The task failed.',
    ...(diagnostic?.detail ? { detail: diagnostic.detail } : {}),
    ...(diagnostic?.hint ? { hint: diagnostic.hint } : {}),
    task: run.name,
    at: run.task.at,
  };
}

/** A result is a mapping; what an agent sends instead is kept under `value`. Throws for what is no JSON, or nested too deeply. */
function parseResult(text: string): TaskResult {
  if (text === '') return {};
  const value = readDataJson(text);
  if (isDeeper(value)) throw new RangeError(`the result is nested more than ${mostLevels} levels deep`);
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : { value };
}
