import type { FilePlace } from '../../proto/errors.ts';
import type { Located } from '../source/located.ts';
import type { CustomModule, CustomModules } from './catalog/custom-modules.ts';
import type { VarPrompt } from './plays/var-prompt.ts';

/** Plays with positions kept; nothing in here has been templated yet. */
export interface Playbook {
  readonly file: string;
  /** Play keyword `lab:`, else the file's name without extension. */
  readonly lab: string;
  /** A play says `lab:`. */
  readonly labSaid: boolean;
  readonly plays: readonly Play[];
}

export const hostOrders = ['inventory', 'reverse_inventory', 'sorted', 'reverse_sorted', 'shuffle'] as const;
export type HostOrder = (typeof hostOrders)[number];

export type Vars = ReadonlyMap<string, Located>;

/** Keywords of a play that are templates: what they say is known when it begins. */
export type PlayTemplates = {
  readonly [key in
    | 'name'
    | 'serial'
    | 'strategy'
    | 'any_errors_fatal'
    | 'max_fail_percentage'
    | 'force_handlers'
    | 'order']?: Located;
};

export interface Play {
  readonly name: string | undefined;
  readonly templates: PlayTemplates;
  readonly at: FilePlace;
  /** Folder of the playbook that it stands in. */
  readonly dir: string;
  readonly hosts: Located<string>;
  readonly vars: Vars;
  readonly varsFiles: readonly VarsFile[];
  /** What people are asked before the run. */
  readonly prompts: readonly VarPrompt[];
  /** Whether its facts are gathered; undefined: it is said that they are, and they are read when a task first asks for one. */
  readonly gatherFacts: boolean | Located | undefined;
  /** False: tags leave out the handlers at its end. */
  readonly flushes?: boolean;
  /** Its last tasks are `post_tasks`, before which handlers have run. */
  readonly endsWithPostTasks?: boolean;
  /** Facts of a host that were gathered are not gathered again. */
  readonly gatherOnce: boolean | undefined;
  /** Which facts: parameters of `setup`. */
  readonly gatheringArgs: TaskArgs;
  /** Batch sizes: hosts or percent; empty: all at once. */
  readonly serial: readonly (number | `${number}%`)[];
  /** Undefined: nobody says how hosts go from task to task. */
  readonly strategy: 'free' | 'linear' | 'host_pinned' | undefined;
  readonly become: Become;
  readonly connection: Located<string> | undefined;
  readonly remoteUser: Located<string> | undefined;
  readonly port: Located | undefined;
  readonly environment: Located | undefined;
  readonly anyErrorsFatal: boolean;
  /** When more hosts of a batch have failed than so many in a hundred, the play ends for all. */
  readonly maxFailPercentage: number | undefined;
  /** Handlers that were notified run on a host that failed, too. */
  readonly forceHandlers: boolean | undefined;
  readonly order: HostOrder | undefined;
  /** Keywords of the play that its tasks inherit as from a block; empty where it says none. */
  readonly around: readonly Common[];
  /** Hosts carry its tasks out again when they were started anew. */
  readonly persist: boolean;
  readonly tags: readonly string[];
  readonly entries: readonly Entry[];
  readonly handlers: readonly Entry[];
  /** Roles whose variables all of the play sees: of `roles` and import_role. */
  readonly roles: readonly RoleUse[];
}

/** A role as one place of a playbook uses it. */
export interface RoleUse {
  /** With that of its collection, where it is of one. */
  readonly name: string;
  readonly collection: string | undefined;
  /** Its folder. */
  readonly path: string;
  /** Of `defaults/`. */
  readonly defaults: Vars;
  /** Of `vars/`. */
  readonly vars: Vars;
  /** `vars:` where the role is used. */
  readonly given: Vars;
  /** What else is said there: `- { role: web, port: 80 }`. */
  readonly params: Vars;
  /** Roles that `meta/main.yml` names, which run before it. */
  readonly dependencies: readonly RoleUse[];
  /** What the same uses of it have in common; undefined for its handlers. */
  readonly identity: string | undefined;
  /** It runs only where no same use of it has run. */
  readonly once: boolean;
  /** The rest of the play does not see its variables. */
  readonly private: boolean;
}

/** A role with what it does. */
export interface LoadedRole {
  readonly use: RoleUse;
  /** Roles that imports in it brought into the play. */
  readonly imported?: readonly RoleUse[];
  readonly block: Block;
  readonly handlers: readonly Block[];
}

/**
 * Parameters for modules, or templates that give them, of what is around a task. What is said of a group holds for those of its
 * modules that nothing is said of by name; of the same module or group the innermost counts alone.
 */
export type ModuleDefaults = ReadonlyMap<string, DefaultParams>;

interface DefaultParams {
  readonly params: Located;
  /** The modules that they are for; undefined: that of the name alone. */
  readonly members?: ReadonlySet<string>;
}

/** Where an entry stands, for files that it names. */
export interface Standing {
  readonly file: string;
  /** The playbook's folder. */
  readonly playbookDir: string;
  /** Folder of the role that the file belongs to. */
  readonly rolePath: string | undefined;
  /** Parameters that modules have there unless a task says others. */
  readonly moduleDefaults: ModuleDefaults;
  /** Modules of the playbook's and its roles' own. */
  readonly customModules: CustomModules;
  /** Collections that are in force there. */
  readonly collections?: readonly string[];
}

/** A path as written, templates allowed. */
export interface VarsFile extends Located<string> {
  /** Taken in its place, in order, where there is no such file. */
  readonly others: readonly Located<string>[];
  readonly standing: Standing;
  /** What the file holds, when its name is no template: it is read with the playbook. */
  readonly vars: Vars | undefined;
}

export interface Become {
  readonly become?: Located | undefined;
  readonly user?: Located<string> | undefined;
}

export type Entry = Task | Block | Include;

/** Keywords that tasks, blocks and includes share; a block's are inherited by what is in it. */
export interface Common {
  readonly name: Located<string> | undefined;
  readonly at: FilePlace;
  /** Each must hold. Text is an expression; a boolean is itself. */
  readonly when: readonly Located<string | boolean>[];
  readonly tags: readonly string[];
  readonly vars: Vars;
  readonly become: Become;
  readonly environment: Located | undefined;
  readonly noLog: Located | undefined;
  readonly ignoreErrors: Located | undefined;
  readonly ignoreUnreachable: Located | undefined;
  readonly delegateTo: Located<string> | undefined;
  /** How its host is reached: `local` or `ssh`. */
  readonly connection: Located<string> | undefined;
  /** User that it acts as without become. */
  readonly remoteUser: Located<string> | undefined;
  readonly runOnce: Located | undefined;
  readonly delegateFacts: Located | undefined;
  /** A failure here ends the play for all hosts. */
  readonly anyErrorsFatal: Located | undefined;
  /** Hosts that do it at the same time, at most. */
  readonly throttle: Located | undefined;
  /** Handlers that a change in here notifies. */
  readonly notify: readonly Located<string>[];
  readonly timeoutSeconds: Located | undefined;
  readonly checkMode: Located | undefined;
  readonly diff: Located | undefined;
  /** Set on the block that is a role. */
  readonly role?: RoleUse | undefined;
}

export interface Loop {
  /** The list, or a template that gives one. */
  readonly items: Located;
  /** The lookup that makes the items of what is said: `items` for `with_items`; undefined for `loop`. */
  readonly lookup: string | undefined;
  /** This name, and that of the index, may be a template. */
  readonly loopVar: string;
  readonly indexVar: string | undefined;
  readonly label: Located | undefined;
  readonly pauseSeconds: Located | undefined;
  /** Tell `ansible_loop`: length, first, last, neighbours. */
  readonly extended: Located | undefined;
  /** With `extended`: `ansible_loop.allitems` too. */
  readonly allItems: Located | undefined;
  /** The loop ends behind an item for which all of these hold. */
  readonly breakWhen: readonly Located<string | boolean>[] | undefined;
}

/** What its module is given. */
export type TaskArgs = Pick<Task, 'args' | 'moreArgs'>;

export interface Task extends Common {
  readonly kind: 'task';
  /** No playbook says it: what belongs to every play. */
  readonly implicit?: boolean | undefined;
  /** Canonical name: an agent module or a controller action. */
  readonly module: string;
  /** The same as the playbook writes it, where that is something else: what a task without a name is called. */
  readonly calledAs?: string | undefined;
  /** Its `action` is a template: what names the module, and the task of a module's name. It throws OrchError. */
  readonly chooses?: { readonly name: Located<string>; readonly task: (module: string) => Task } | undefined;
  /** The module is the playbook's own, or its role's. */
  readonly custom?: CustomModule | undefined;
  /** The action plugin in Python that does it, and the task, without parameters, of a module that it names. It throws OrchError. */
  readonly plugin?: { readonly file: string; readonly task: (module: string) => Task } | undefined;
  readonly args: Located<Readonly<Record<string, unknown>>>;
  /** More parameters, where templates give some: mappings, and templates of mappings. Each wins over those before it, `args` over all. */
  readonly moreArgs?: readonly Located[] | undefined;
  readonly loop: Loop | undefined;
  readonly register: string | undefined;
  /** Handlers only: topics. */
  readonly listen: readonly string[];
  readonly changedWhen: readonly Located<string | boolean>[] | undefined;
  readonly failedWhen: readonly Located<string | boolean>[] | undefined;
  readonly until: readonly Located<string | boolean>[] | undefined;
  readonly retries: Located | undefined;
  readonly delaySeconds: Located | undefined;
  /** Seconds that it may go on beside the tasks behind it, or be waited for; 0: it is none of those. */
  readonly asyncSeconds: Located | undefined;
  /** Seconds between two looks at it; 0: nobody waits for it. */
  readonly pollSeconds: Located | undefined;
}

export interface Block extends Common {
  readonly kind: 'block';
  readonly block: readonly Entry[];
  readonly rescue: readonly Entry[];
  readonly always: readonly Entry[];
}

/** What include_role says beside the role's name. */
export interface RoleFiles {
  readonly tasks: Located<string> | undefined;
  readonly vars: Located<string> | undefined;
  readonly defaults: Located<string> | undefined;
  readonly handlers: Located<string> | undefined;
  /** The play's later tasks see its variables. */
  readonly public: boolean;
  /** It runs, also where the same has run on the host. */
  readonly allowDuplicates: boolean;
  /** Its arguments are not held against its specification. */
  readonly unchecked: boolean;
}

/** include_tasks and include_role (dynamic: the name may be a template, loop allowed). Imports are expanded while parsing to a Block. */
export interface Include extends Common {
  readonly kind: 'include';
  /** The file, or the role's name. */
  readonly file: Located<string>;
  /** What it is called without a name, where that is longer: `ansible.builtin.include_tasks`. */
  readonly calledAs?: string | undefined;
  /** Set for include_role. */
  readonly ofRole?: RoleFiles | undefined;
  /** All that it says, under the names of its options. */
  readonly args: Located<Readonly<Record<string, unknown>>>;
  readonly loop: Loop | undefined;
  readonly standing: Standing;
  /** Handlers only: topics. */
  readonly listen: readonly string[];
  readonly register: string | undefined;
  /** Keywords for all that is included. */
  readonly apply: Common | undefined;
  /** What the file or role holds, when its name is no template: it is read with the playbook. */
  readonly entries?: readonly Entry[] | undefined;
  /** Those of the entries that are handlers of roles. */
  readonly handlers?: readonly Entry[] | undefined;
  readonly roles?: readonly RoleUse[] | undefined;
}
