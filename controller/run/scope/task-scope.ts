import type { FilePlace } from '../../../proto/errors.ts';
import type { Inventory } from '../../inventory/types.ts';
import type { Play, Vars } from '../../playbook/types.ts';
import type { Located } from '../../source/located.ts';
import type { Lookup } from '../../template/types.ts';

/**
 * Evaluates in one task's and host's scope. Everything throws OrchError with its place, or Pending when the value depends on a
 * task in flight.
 */
export interface TaskScope {
  /** The value with all templates in it rendered, deeply. */
  render(value: Located): unknown;
  /** Whether a condition holds: a text is an expression, a boolean is itself. */
  holds(condition: Located<string | boolean>): boolean;
  /** Native value of an expression that stands at `place`. */
  evaluate(expression: string, place: FilePlace): unknown;
  /** A variable's value, rendered; undefined when there is none. */
  variable(name: string): unknown;
  /** True for the value of the variable `omit`. */
  isOmitted(value: unknown): boolean;
  /** A whole file's text as a template. */
  renderText(text: string, file: string): unknown;
  /** The same scope with more variables in front (loop items, the result under judgement). */
  with(locals: Readonly<Record<string, unknown>>): TaskScope;
}

/** What a scope is made for. */
export interface ScopeRequest {
  readonly host: string;
  /** Variables of the play, its blocks and the task, outermost first. */
  readonly vars: readonly Vars[];
  readonly locals: Readonly<Record<string, unknown>>;
}

/** What scopes are made from: the input, as it was read. */
export interface ScopeSource {
  readonly inventory: Inventory;
  readonly playbook: string;
  readonly extraVars: Vars;
  readonly options: {
    readonly check: boolean;
    readonly diff: boolean;
    readonly tags: readonly string[];
    readonly skipTags: readonly string[];
    readonly limit: string | undefined;
    readonly verbosity: number;
  };
  readonly lookups: Readonly<Record<string, Lookup>>;
  /** Variables of a play's vars_files for a host, in their order; `render` gives a path its text. */
  readonly varsFiles: (play: Play, render: TaskScope['render']) => readonly Vars[];
}
