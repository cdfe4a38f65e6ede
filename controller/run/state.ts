import type { Digest } from '../../proto/digest.ts';
import type { WalkOrder } from '../actions/action.ts';
import type { LiveInventory } from '../inventory/live-inventory.ts';
import type { SelectedHosts } from '../inventory/select-hosts.ts';
import type { FileKind } from '../playbook/parse/context.ts';
import type { Common, Entry, LoadedRole, Play, RoleFiles, RoleUse, Standing, Task, Vars } from '../playbook/types.ts';
import type { Failure, RunEvent } from '../report/types.ts';
import type { Located } from '../source/located.ts';
import type { AgentLink } from './hosts/agent-link.ts';
import type { FactCache } from './hosts/fact-cache.ts';
import type { HostState } from './hosts/host-state.ts';
import type { Interrupt } from './hosts/interrupt.ts';
import type { Pardons } from './hosts/pardons.ts';
import type { Position } from './position.ts';
import type { StopReason } from './signals.ts';
import type { Jobs } from './task/jobs.ts';
import type { Notice } from './task/outcome.ts';
import type { ScopeRequest, TaskScope } from './task/task-scope.ts';
import type { Rendezvous } from './walk/rendezvous.ts';
import type { Steps } from './walk/steps.ts';
import type { Turns } from './walk/turns.ts';

/** Options of the command line that every task feels. */
export interface RunOptions {
  readonly check: boolean;
  readonly diff: boolean;
  readonly become: boolean;
  /** Whom tasks become where nothing names a user. */
  readonly becomeUser: string;
  /** Run notified handlers on failed hosts, where a play says nothing. */
  readonly forceHandlers: boolean;
  /** How often -v was given. */
  readonly verbosity: number;
  /** The lines about tasks tell their arguments. */
  readonly tellsArgs?: boolean;
  /** How many hosts work at the same time; undefined: all. */
  readonly mostAtOnce?: number | undefined;
}

/** Users of one host's connection. */
export interface ConnectionUser {
  /** Who logs in; empty: root. */
  readonly login: string;
  /** Variables of the host say who logs in. */
  readonly loginSaid: boolean;
  /** ansible_become and ansible_become_user, which win over the playbook's keywords. */
  readonly become: boolean | undefined;
  readonly becomeUser: string | undefined;
}

/** What a playbook says of how a task reaches its host: the variable wins over the inventory's, the keyword doesn't. */
export interface SaidConnection {
  readonly variable?: string | undefined;
  readonly keyword?: string | undefined;
}

/** What an include brings. */
export interface IncludedEntries {
  /** The file that was read, or the role's name. */
  readonly from: string;
  readonly entries: readonly Entry[];
  readonly role?: LoadedRole | undefined;
  /** Roles that imports in a file of tasks bring. */
  readonly imported?: readonly LoadedRole[] | undefined;
}

/** Where a task's files are looked for. */
export interface SearchFrom {
  /** The task's file. */
  readonly file: string;
  /** Folders of the roles around it, outermost first. */
  readonly roles: readonly string[];
}

/** What a run hands down to its plays. */
export interface RunContext {
  readonly options: RunOptions;
  readonly emit: (event: RunEvent) => void;
  readonly interrupt: Interrupt;
  /** Set when a person is asked before each task. */
  readonly steps?: Steps | undefined;
  /** Tasks may add to it. */
  readonly inventory: LiveInventory;
  /** What a pattern means within the limit of the command line, as the inventory is now. */
  readonly chooseHosts: (pattern: Located<string>) => SelectedHosts;
  /** `ended`: a task has ended, on whatever host: what is begun from then on may build on it. */
  readonly progress: { ended: boolean };
  /** Turns of all hosts, where fewer than there are may work at the same time. */
  readonly turns: Turns | undefined;
  /** Tasks that go on beside those behind them. */
  readonly jobs: Jobs;
  /** Hosts by inventory name; what they learn lasts from play to play. */
  readonly host: (name: string) => HostState;
  /** Where what they learn is kept for other runs. */
  readonly factCache?: FactCache | undefined;
  /**
   * The open stream to a host; connects when it was not needed before. `said`: what the playbook says of its connection.
   * Rejects with OrchError.
   */
  readonly link: (host: string, said?: SaidConnection) => Promise<AgentLink>;
  /** As `link`, but a host that could not be reached, or was lost, is reached anew; `signal` ends the try. */
  readonly linkAgain: (host: string, said: SaidConnection, signal: AbortSignal) => Promise<AgentLink>;
  /** Of these hosts, those that could not be reached, or were lost, are reached anew by the next task that needs them. */
  readonly retry: (hosts: readonly string[]) => void;
  /** Gives the stream to a host up without a word to it. */
  readonly leave: (host: string, said?: SaidConnection) => Promise<void>;
  /** Whether a host is served by the workstation itself, where the playbook says this of its connection. */
  readonly isLocal: (host: string, said?: SaidConnection) => boolean;
  /** The playbook's folder, absolute. */
  readonly playbookDir: string;
  /** How the agent's user for commands is found: the login, and what connection variables say of become. */
  readonly connectionUser: (host: string) => ConnectionUser;
  /** Has every agent forget what it has not begun of the batches that hosts are at. */
  readonly dropBatches: () => void;
  /** Without a play: what other hosts see of a host. */
  readonly scope: (play: ScopedPlay | undefined, request: ScopeRequest) => TaskScope;
  /** Entries of a task file, selected by tags like the playbook itself; without tags around it, all. */
  readonly includeTasks: (path: string, standing: Standing, tags: TagsAround | undefined) => IncludedEntries;
  /** The same for a role. */
  readonly includeRole: (
    name: string,
    files: Omit<RoleFiles, 'public'>,
    standing: Standing,
    tags: TagsAround | undefined,
  ) => IncludedEntries;
  /** The path of a file or folder that a task names. Throws OrchError file-not-found. */
  readonly findSource: (path: string, kind: FileKind, from: SearchFrom) => string;
  /** Reads a source file of a task: one in roles around it, innermost first, beside the task's file, or beside the playbook. */
  readonly readSource: (
    path: string,
    kind: FileKind,
    from: SearchFrom,
    decrypt?: boolean,
  ) => Promise<{ path: string; content: Buffer }>;
  /** The same, but a large file that is not encrypted stays where it is. */
  readonly openSource: (
    path: string,
    kind: FileKind,
    from: SearchFrom,
    decrypt?: boolean,
  ) => Promise<{ path: string } & ({ content: Buffer } | { large: Digest<'sha1' | 'sha256'> })>;
}

/** What variables see of a play. */
export type ScopedPlay = Pick<PlayRun, 'play' | 'name' | 'hosts' | 'batch'> &
  Partial<Pick<PlayRun, 'includedRoles' | 'left'>>;

/** One batch of hosts on its way through one play. */
export interface PlayRun {
  readonly run: RunContext;
  readonly play: Play;
  readonly name: string;
  /** All hosts that the play is for, those that are out included. */
  readonly hosts: readonly string[];
  /** Those of this batch that were in when it started. */
  readonly batch: readonly string[];
  /** How many there were with those that were out already: percentages are of these. */
  readonly batchSize: number;
  /** They go from task to task together. */
  readonly inStep: boolean;
  /** Hosts for which the play was ended by themselves, of whatever batch. */
  readonly left: Set<string>;
  readonly rendezvous: Rendezvous;
  readonly pardons: Pardons;
  /** Places of tasks that turned out to look at other hosts. */
  readonly looked: Set<string>;
  /** Hosts that are still in it. */
  readonly active: Set<string>;
  /** How many failures were everybody's, and led all hosts into their blocks' rescue. */
  shared: number;
  /** How many of the batch have failed. */
  failed: number;
  /** Turns of tasks that only some hosts may do at the same time. */
  readonly turns: Map<Task, Turns>;
  /** Set when no host may begin anything more. */
  ending: 'end-play' | 'end-batch' | 'aborted' | undefined;
  /** The play's handlers, and those of roles that were included. */
  readonly handlers: Entry[];
  /** What handlers with templates for names are called. */
  readonly handlerNames: Map<Located<string>, string>;
  /** Roles that were included: those that are not private are seen by the whole play. */
  readonly includedRoles: RoleUse[];
  /** Includes whose roles, and times whose handlers, the play has taken. */
  readonly joined: Set<string>;
  /** What stands around the handlers of an include, by their index: the same object for those that came together. */
  readonly surroundings: Map<number, PlacedSurroundings>;
  /** Numbers included files, so that hosts inside different files never meet. */
  readonly included: Map<string, number>;
}

/** One host on its way through one play. */
export interface HostWalk {
  readonly host: string;
  readonly state: HostState;
  readonly play: PlayRun;
  /** What was notified since handlers were flushed. */
  readonly notices: Notice[];
  /** Indexes of handlers that wait for a flush. */
  readonly notified: Set<number>;
  /** Uses of roles that the host is through with, by what the same ones have in common. */
  readonly through: Map<string, RoleUse[]>;
  /** Those of which a task was not skipped. */
  readonly ran: Set<RoleUse>;
  /** Its play is over but for the handlers, which run all the same. */
  forced: boolean;
  /** Where it meets the others when its task turns out to look at them; undefined once they have met. */
  meetsAt: Position | undefined;
  /** Behind this place of the play it goes on, after it was lost and taken back. */
  from: Position | undefined;
  /** How many of the play's shared failures have led this host on. */
  shared: number;
  /** What meta asked of the walk, until it is obeyed. */
  order: WalkOrder | undefined;
}

/** Where a walk stands: what encloses the entry. */
export interface Frame {
  /** Enclosing blocks, outermost first. */
  readonly chain: readonly Common[];
  /** Variables that includes around it were given, outermost first. */
  readonly params: readonly Vars[];
  readonly locals: Readonly<Record<string, unknown>>;
  readonly position: Position;
  /** True when a failure here is caught by a rescue. */
  readonly rescued: boolean;
  /** Inside a handler: the flush that runs it. */
  readonly flush?: string;
}

/** What counts for the tags of what an include brings. */
export interface TagsAround {
  /** Those that hold for all of it. */
  readonly said: readonly string[];
  /** Renders templates in its own. */
  readonly render: (located: Located) => unknown;
}

/** What a frame says of variables and keywords. */
export type Surroundings = Pick<Frame, 'chain' | 'params' | 'locals'>;

/** The same, and where it is. */
export type PlacedSurroundings = Surroundings & Pick<Frame, 'position'>;

/** How a host's walk ended. */
export interface WalkEnd {
  readonly how: 'done' | 'failed' | StopReason;
  /** Why, for a failed or lost host. */
  readonly failure?: Failure | undefined;
  /** It ended the play for all of the batch. */
  readonly forAll?: boolean;
}
