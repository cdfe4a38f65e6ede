import type { FilePlace } from '../../../proto/errors.ts';
import type { Located } from '../../source/located.ts';
import { placeOf } from '../../source/origins.ts';
import type { Project, ProjectTask } from '../project.ts';

/** What a rule objects to. */
export interface Finding {
  readonly at: FilePlace;
  readonly message: string;
  /** The part of the rule, where it has several: `missing` of `name[missing]`. */
  readonly part?: string;
}

/** One rule: a pure function of what was read. */
export interface Rule {
  /** The file's name; ansible-lint's where it has the rule. */
  readonly name: string;
  /** One line, for the list of rules. */
  readonly summary: string;
  /** Only asked when it is named. */
  readonly optional?: boolean;
  readonly find: (project: Project) => readonly Finding[];
}

/** Holds a definition to its type. */
export function defineRule(rule: Rule): Rule {
  return rule;
}

/** What is wrong at a value, or at its key. */
export function at(located: Located, message: string, side: 'key' | 'value' = 'value', part?: string): Finding {
  return { at: placeOf(located, side), message, ...(part === undefined ? {} : { part }) };
}

/** A rule about each task by itself. */
export function ofTasks(find: (task: ProjectTask) => readonly Finding[]): Rule['find'] {
  return ({ tasks }) => tasks.flatMap(find);
}
