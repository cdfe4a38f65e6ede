import type { FilePlace } from '../../../proto/errors.ts';
import { namesIn } from '../../playbook/plays/variable-uses.ts';
import type { RoleUse, Vars } from '../../playbook/types.ts';
import type { Located } from '../../source/located.ts';
import { fixedOrigin } from '../../source/origins.ts';
import type { Syntax } from '../../template/parse/syntax.ts';
import type { RenderOptions } from '../../template/types.ts';
import { omit } from '../../vars/omit.ts';
import {
  type AskedLookup,
  askLookup,
  evaluateCondition,
  evaluateExpression,
  type FileText,
  renderFile,
  renderLocated,
  writtenAt,
} from '../../vars/render.ts';
import { variableOf } from '../../vars/scope.ts';
import type { VarScope } from '../../vars/types.ts';
import type { ConnectionKeywords } from '../hosts/connection-vars.ts';

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
  /** What a lookup answers; `at`: the place of what asks. */
  lookup(asked: AskedLookup, terms: readonly unknown[], at: Located): unknown;
  /** What a file says where a value is: of the variable that it names as a template; undefined where no file says it. */
  written(value: Located): Located | undefined;
  /** Whether a value asks for one of these variables, by itself or by those that it names and a file says. */
  asksFor(value: Located, names: ReadonlySet<string | undefined>): boolean;
  /** Whether there is such a variable, whatever its value. */
  has(name: string): boolean;
  /** A variable's value, rendered; undefined when there is none. */
  variable(name: string): unknown;
  /** How texts that nobody has written in a file are rendered in it. */
  readonly rendering: RenderOptions;
  /** True for the value of the variable `omit`. */
  isOmitted(value: unknown): boolean;
  /** A whole file's text as a template, with the options of the template module. */
  renderText(file: FileText, syntax?: Partial<Syntax>): unknown;
  /** The same scope with more variables in front (loop items, the result under judgement); `written`: some as a file has them. */
  with(locals: Readonly<Record<string, unknown>>, written?: ReadonlyMap<string, Located>): TaskScope;
}

/** The scope of a task, over the variables that it sees. */
export class ScopeOfTask implements TaskScope {
  readonly #scope: VarScope;

  constructor(scope: VarScope) {
    this.#scope = scope;
  }

  render(value: Located): unknown {
    return renderLocated(value, this.#scope);
  }

  holds(condition: Located<string | boolean>): boolean {
    return evaluateCondition(condition, this.#scope);
  }

  evaluate(expression: string, place: FilePlace): unknown {
    return evaluateExpression({ value: expression, origin: fixedOrigin(place), path: [] }, this.#scope);
  }

  lookup(asked: AskedLookup, terms: readonly unknown[], at: Located): unknown {
    return askLookup(this.#scope, asked, terms, at);
  }

  written(value: Located): Located | undefined {
    return typeof value.value === 'string' ? writtenAt(value.value, this.#scope) : value;
  }

  asksFor(value: Located, names: ReadonlySet<string | undefined>): boolean {
    return asksThrough(value, names, this.#scope);
  }

  has(name: string): boolean {
    return this.#scope.has(name);
  }

  variable(name: string): unknown {
    return variableOf(this.#scope, name);
  }

  get rendering(): RenderOptions {
    return this.#scope.rendering;
  }

  isOmitted(value: unknown): boolean {
    return value === omit;
  }

  renderText(file: FileText, syntax?: Partial<Syntax>): unknown {
    return renderFile(file, this.#scope, syntax);
  }

  with(locals: Readonly<Record<string, unknown>>, written?: ReadonlyMap<string, Located>): TaskScope {
    return new ScopeOfTask(this.#scope.with(locals, written));
  }
}

function asksThrough(
  value: Located,
  names: ReadonlySet<string | undefined>,
  scope: VarScope,
  seen = new Set<string>(),
): boolean {
  return [...namesIn(value)].some((name) => {
    if (names.has(name)) return true;
    if (seen.has(name)) return false;
    const written = scope.written(name);
    return written !== undefined && asksThrough(written, names, scope, seen.add(name));
  });
}

/** What a scope is made for. */
export interface ScopeRequest {
  readonly host: string;
  /** Variables of the blocks around the task and of the task, outermost first. */
  readonly vars: readonly Vars[];
  /** Variables that includes around the task were given, outermost first. */
  readonly params: readonly Vars[];
  readonly locals: Readonly<Record<string, unknown>>;
  /** Roles around the task, outermost first. */
  readonly roles?: readonly RoleUse[];
  /** The task's file. */
  readonly file?: string;
  /** What is said around the task of its connection; else the play's word counts. */
  readonly keywords?: ConnectionKeywords;
}
