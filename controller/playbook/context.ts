import { type ErrorCode, type FilePlace, OrchError } from '../../proto/errors.ts';
import type { Located } from '../source/located.ts';
import { placeOf } from '../source/origins.ts';
import type { Catalog } from './catalog.ts';

/** What parsing needs from outside. */
export interface ParseDeps {
  /** Text of a file. Throws OrchError file-not-found. */
  readonly readFile: (path: string) => string;
  readonly catalog: Catalog;
}

interface Problem {
  readonly code?: ErrorCode;
  readonly summary: string;
  readonly detail?: string | undefined;
  readonly hint?: string | undefined;
  readonly part?: 'key' | 'value';
}

/** One parse: what it needs, what it found wrong, and the files that led here. */
export class Context {
  readonly deps: ParseDeps;
  readonly errors: OrchError[];
  /** Files from the first to the one being read, each naming the next. */
  readonly chain: readonly string[];

  constructor(deps: ParseDeps, chain: readonly string[] = [], errors: OrchError[] = []) {
    this.deps = deps;
    this.chain = chain;
    this.errors = errors;
  }

  /** The same parse, inside a file that the present one names. */
  within(file: string): Context {
    return new Context(this.deps, [...this.chain, file], this.errors);
  }

  error(at: Located, problem: Problem): void {
    this.errorAt(placeOf(at, problem.part), problem);
  }

  errorAt(where: FilePlace, { code = 'playbook-structure', summary, detail, hint }: Problem): void {
    this.errors.push(new OrchError({ code, summary, detail, hint, where }));
  }

  /** Text of a file that `named` names; undefined after an error. */
  read(file: string, named: Located): string | undefined {
    try {
      return this.deps.readFile(file);
    } catch (error) {
      if (!(error instanceof OrchError)) throw error;
      this.error(named, error);
      return undefined;
    }
  }
}
