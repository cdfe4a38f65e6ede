import type { FilePlace } from '../../proto/errors.ts';
import type { Located } from '../source/located.ts';

/** Plays with positions kept; nothing in here has been templated yet. */
export interface Playbook {
  readonly file: string;
  /** Play keyword `lab:`, else the file's name without extension. */
  readonly lab: string;
  readonly plays: readonly Play[];
}

export type Vars = ReadonlyMap<string, Located>;

export interface Play {
  readonly name: string | undefined;
  readonly at: FilePlace;
  readonly hosts: Located<string>;
  readonly vars: Vars;
  readonly varsFiles: readonly VarsFile[];
  readonly gatherFacts: boolean | undefined;
  /** Batch sizes: hosts or percent; empty: all at once. */
  readonly serial: readonly (number | `${number}%`)[];
  readonly strategy: 'free' | 'linear';
  readonly become: Become;
  readonly connection: Located<string> | undefined;
  readonly remoteUser: Located<string> | undefined;
  readonly port: Located | undefined;
  readonly environment: Located | undefined;
  readonly anyErrorsFatal: boolean;
  /** Hosts carry its tasks out again when they were started anew. */
  readonly persist: boolean;
  readonly tags: readonly string[];
  readonly entries: readonly Entry[];
  readonly handlers: readonly Entry[];
}

/** A path as written, templates allowed. */
export interface VarsFile extends Located<string> {
  /** Directory that a relative path starts from. */
  readonly base: string;
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
  readonly delegateTo: Located<string> | undefined;
  /** How its host is reached: `local` or `ssh`. */
  readonly connection: Located<string> | undefined;
  readonly runOnce: Located | undefined;
  readonly checkMode: Located | undefined;
  readonly diff: Located | undefined;
}

export interface Loop {
  /** The list, or a template that gives one. */
  readonly items: Located;
  /** `with_items` flattens one level, `loop` does not. */
  readonly flatten: boolean;
  readonly loopVar: string;
  readonly indexVar: string | undefined;
  readonly label: Located | undefined;
  readonly pauseSeconds: number;
}

export interface Task extends Common {
  readonly kind: 'task';
  /** Canonical name: an agent module or a controller action. */
  readonly module: string;
  readonly args: Located<Readonly<Record<string, unknown>>>;
  readonly loop: Loop | undefined;
  readonly register: string | undefined;
  readonly notify: readonly Located<string>[];
  /** Handlers only: topics. */
  readonly listen: readonly string[];
  readonly changedWhen: readonly Located<string | boolean>[] | undefined;
  readonly failedWhen: readonly Located<string | boolean>[] | undefined;
  readonly until: readonly Located<string | boolean>[] | undefined;
  readonly retries: Located | undefined;
  readonly delaySeconds: Located | undefined;
  readonly timeoutSeconds: Located | undefined;
}

export interface Block extends Common {
  readonly kind: 'block';
  readonly block: readonly Entry[];
  readonly rescue: readonly Entry[];
  readonly always: readonly Entry[];
}

/** include_tasks (dynamic: file may be a template, loop allowed). import_tasks is expanded while parsing and leaves a Block. */
export interface Include extends Common {
  readonly kind: 'include';
  readonly file: Located<string>;
  readonly loop: Loop | undefined;
  /** Directory that a relative path starts from. */
  readonly base: string;
  readonly applyTags: readonly string[];
  /** What the file holds, when its name is no template: it is read with the playbook. */
  readonly entries?: readonly Entry[] | undefined;
}
