import type { z } from 'zod';
import type { AnyModule } from '../../agent/modules/module.ts';
import type { CopyParams } from '../../agent/modules/shared/files/copy-params.ts';
import type { FilePlace } from '../../proto/errors.ts';
import type { Keyboard } from '../connect/asking/keyboard.ts';
import type { RunningProgram, TakeOutput } from '../connect/calls/remote-process.ts';
import type { LiveInventory } from '../inventory/live-inventory.ts';
import type { FileKind } from '../playbook/parse/context.ts';
import type { Vars } from '../playbook/types.ts';
import type { Change, CustomStats, Failure, ReachCell } from '../report/types.ts';
import type { Located, Origin, Path } from '../source/located.ts';
import type { Syntax } from '../template/parse/syntax.ts';
import type { FileText } from '../vars/render.ts';

/** A task that the controller does itself, or prepares for the agent. Its arguments are rendered already unless `raw`. */
export interface Action<P> {
  readonly name: string;
  readonly summary: string;
  readonly notes?: string;
  readonly examples: readonly string[];
  readonly params: z.ZodType<P>;
  readonly freeForm?: string;
  /** Other names of parameters, as Ansible has them: {dest: 'path'}. */
  readonly aliases?: Readonly<Record<string, string>>;
  /** Parameters whose text is an expression and must not be rendered as a template (assert's `that`, debug's `var`). */
  readonly raw?: readonly string[];
  /** True when hosts meet here (reach, meta: end_play...). */
  readonly barrier?: boolean;
  /** True when it never asks an agent for anything, so that no host needs to be reached for it. */
  readonly local?: boolean;
  /** True when it may be what a host is waited for by, so that the run begins without those that are not there yet. */
  readonly awaitsHost?: boolean;
  /**
   * True when it only reads on the workstation and then calls `agent` once, so that it may be prepared before the tasks in front
   * of it have ended (copy, template). May be run again when a value it renders was not known yet.
   */
  readonly ahead?: boolean;
  /** True when it only reads on the workstation and then calls `agent` once, which may go on as a job (`async`). */
  readonly job?: boolean;
  readonly run: (params: P, context: ActionContext) => Promise<ActionResult>;
}

/** What an action may do; supplied by the run engine. */
export interface ActionContext {
  readonly host: string;
  /** What the task is called. */
  readonly title: string;
  readonly check: boolean;
  /** Whether changes are to be shown. */
  readonly diff: boolean;
  /** How often -v was given. */
  readonly verbosity: number;
  readonly at: FilePlace;
  readonly signal: AbortSignal;
  /** The playbook's own folder, absolute. */
  readonly playbookDir: string;
  /** Native value of an expression in this host's and task's scope. */
  evaluate(expression: string, path: Path): unknown;
  /** Whether a condition holds in that scope. Throws OrchError where it is neither true nor false. */
  holds(condition: Located<string | boolean>): boolean;
  /** A parameter in its place. */
  located<T>(value: T, path: Path): Located<T>;
  /** What a file says of the variable that a parameter names as a template (`{{ NAME }}`); undefined where no file says it. */
  written(parameter: Located): Located | undefined;
  /** The text of a template file, rendered in this host's and task's scope, with the options of the template module. */
  render(template: FileText & { readonly dest: string }, syntax?: Partial<Syntax>): unknown;
  /**
   * Reads a file of the playbook (relative: its own folder, then files/ or templates/); what vault encrypted is decrypted,
   * unless `decrypt` is false.
   */
  readSource(
    path: string,
    folder: 'files' | 'templates',
    decrypt?: boolean,
  ): Promise<{ path: string; content: Buffer }>;
  /** The same as parameters for the agent's module: the content within them, or where it is large what the agent asks for it by. */
  sendSource(path: string, folder: 'files', decrypt?: boolean): Promise<SentContent & { path: string }>;
  /** A content that is known as such parameters. */
  send(content: Buffer): SentContent;
  /** The path of a file or folder of the playbook or role; the kind's folder is `vars/` and the like. Throws OrchError. */
  findSource(path: string, kind: FileKind): string;
  /** Variables as a file has them, for the task's host; `merge`: mappings are merged into those that are there. */
  setVars(vars: Vars, merge: boolean): void;
  /** Stands for the task in places of errors. */
  readonly origin: Origin;
  /** What an action plugin of the playbook's own may do, where the task has one. */
  forPlugin(): ForPlugin;
  /** Runs an agent module on this task's host, as part of this task. */
  agent(module: string, params: Readonly<Record<string, unknown>>): Promise<ActionResult>;
  /**
   * The same, but a host that was lost, or could not be reached, is reached anew. Where it does not answer within so many seconds
   * its connection is left.
   */
  attempt(module: string, params: Readonly<Record<string, unknown>>, seconds: number): Promise<Attempt>;
  /** Gives the connection to the task's host up without a word to it; the next attempt makes a new one. */
  leave(): Promise<void>;
  /** True when the workstation itself is the task's host. */
  readonly isLocal: boolean;
  /** The host that the task is delegated to; undefined: to none. */
  readonly delegate: string | undefined;
  /** Whether the workstation itself is that host, or the one that the task is for. */
  isWorkstation(host: string): boolean;
  /** Starts a program as part of this task. Rejects with OrchError. */
  program(asked: ProgramAsked, take: TakeOutput): Promise<RunningProgram>;
  /** Barrier actions: the same on another host of the play. */
  agentOn(host: string, module: string, params: Readonly<Record<string, unknown>>): Promise<ActionResult>;
  /** Hosts of the play that are still in it. */
  readonly playHosts: readonly string[];
  /** In check mode: whether a task before would have changed the host, so that it is not as it will be. */
  pretended(host: string): boolean;
  /** Facts, registered variables and vars of any host, rendered. */
  variable(host: string, name: string): unknown;
  /** Sets variables of the host; `lasting`: ansible_facts has them, too. */
  setFacts(facts: Readonly<Record<string, unknown>>, lasting?: boolean): void;
  /** The run's inventory, for tasks that add to it. */
  readonly inventory: Pick<LiveInventory, 'addHost' | 'addToGroup'>;
  /** Tasks that go on beside those behind them. */
  readonly jobs: KnownJobs;
  /** Adds to what the run tells at its end; `host`: for one alone. */
  stats(stats: CustomStats): void;
  /** reach: cells for the matrix. */
  cells(cells: readonly ReachCell[]): void;
  say(text: string): void;
  /** Has a person type, while nothing else is drawn on the terminal; undefined where nobody can. */
  readonly keyboard: (<T>(read: (keyboard: Keyboard) => Promise<T>) => Promise<T>) | undefined;
}

/** A program of an action. */
export interface ProgramAsked {
  /** The host that runs it, as the task's commands would run there; undefined: this process's user on the workstation. */
  readonly on?: string | undefined;
  readonly argv: readonly string[];
  /** Where it starts, "~user" for that user's home; default: where the task's commands do, on the workstation beside the playbook. */
  readonly cwd?: string | undefined;
}

/** A content on its way to the agent. */
export interface SentContent {
  readonly sha1: string;
  readonly params: Pick<CopyParams, 'content_base64' | 'content_apart'>;
}

/** What an action plugin sees of its task, and does. */
export interface ForPlugin {
  /** What its playbook calls the module. */
  readonly module: string;
  readonly diff: boolean;
  readonly noLog: boolean;
  readonly becomeUser: string | undefined;
  /** What it asks of variables and templates. Throws OrchError. */
  known(what: string, of: unknown): Promise<unknown>;
  /** Runs a module on the task's host, or an action, that it names, as part of the task. Throws OrchError. */
  instead(asked: AskedInstead): Promise<ActionResult>;
}

/** What a plugin has done in its task's place. */
export interface AskedInstead {
  readonly isAction: boolean;
  readonly name: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly check: boolean;
}

/** What is known of a run's jobs, by their ids. */
interface KnownJobs {
  has(id: string): boolean;
  /** What it came to; undefined while it goes on. */
  outcome(id: string): JobOutcome | undefined;
  forget(id: string): void;
}

type JobOutcome = Omit<ActionResult, 'status' | 'next'> & {
  readonly status: ActionResult['status'] | 'unreachable' | 'dropped';
};

/** What came of asking a host that may not answer. */
export type Attempt = ActionResult | { readonly status: 'unreachable'; readonly message: string };

export interface ActionResult {
  readonly status: 'ok' | 'changed' | 'failed' | 'skipped';
  readonly message?: string | undefined;
  readonly result: Readonly<Record<string, unknown>>;
  readonly diff?: readonly Change[] | undefined;
  readonly warnings?: readonly string[] | undefined;
  /** More about a failure than its message. */
  readonly failure?: Omit<Failure, 'task' | 'at'> | undefined;
  /** What the host's walk does next, instead of the next task (meta). */
  readonly next?: WalkOrder | undefined;
}

/** Orders to the walk through the play, under the names of Ansible's meta. */
export const walkOrders = [
  ...(['flush_handlers', 'clear_host_errors', 'end_play', 'end_batch', 'end_host', 'end_role'] as const),
  ...(['clear_facts', 'refresh_inventory'] as const),
] as const;
export type WalkOrder = (typeof walkOrders)[number];

// biome-ignore lint/suspicious/noExplicitAny: the registry holds actions of all parameter types; each one's own schema guards its calls.
export type AnyAction = Action<any>;

/** What an action says of itself that prepares tasks for the module of its name. */
export function saidOf({ name, summary, notes, examples, aliases }: AnyModule): Said {
  return { name, summary, examples, ...(notes === undefined ? {} : { notes }), ...(aliases ? { aliases } : {}) };
}

type Said = Pick<AnyAction, 'name' | 'summary' | 'notes' | 'examples' | 'aliases'>;

/** Types one action from its schema. */
export function defineAction<S extends z.ZodType>(action: Action<z.infer<S>> & { params: S }): Action<z.infer<S>> {
  return action;
}
