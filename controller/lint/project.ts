import type { Mapping } from '../playbook/parse/fields.ts';
import type { Located } from '../source/located.ts';
import type { SourceText } from '../source/place.ts';
import type { KnownTask } from './known-tasks.ts';

/** A file that a playbook led to. */
export interface ProjectFile {
  readonly source: SourceText;
  readonly kind: 'plays' | 'tasks' | 'handlers' | 'vars' | 'meta';
  readonly root: Located;
}

/** A task, a block or an include, as it is written. */
export interface ProjectTask {
  readonly mapping: Located<Mapping>;
  /** The module or include as it is written; undefined: a block. */
  readonly written: string | undefined;
  /** Its canonical name; empty: a block. */
  readonly module: string;
  /** The value of the module's key. */
  readonly said: Located | undefined;
  /** Parameters by their names as written, of `key=value` text and `args` too. */
  readonly params: ReadonlyMap<string, Located>;
  /** The command line of `command` and its like. */
  readonly command: Located<string> | undefined;
  readonly isHandler: boolean;
  /** The play that it stands in; undefined: it stands in a file of tasks. */
  readonly play: Located<Mapping> | undefined;
}

/** All that playbooks led to, each file once. */
export interface Project {
  readonly files: readonly ProjectFile[];
  readonly plays: readonly Located<Mapping>[];
  readonly tasks: readonly ProjectTask[];
  /** Tasks of all hosts whose parameters are known before a run, in order. */
  readonly known: readonly KnownTask[];
}
