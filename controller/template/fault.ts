import { OrchError } from '../../proto/errors.ts';
import { TemplateError, type TemplateErrorCode } from './types.ts';

interface FaultFields {
  readonly code?: TemplateErrorCode;
  /** Offset in the template's text; who throws without knowing it leaves it to the evaluator. */
  readonly at?: number;
  /** A function where it costs something to find one: most errors of what does not exist are taken by `default`. */
  readonly hint?: string | (() => string | undefined) | undefined;
  readonly ofUndefined?: boolean;
}

export interface Text {
  readonly text: string;
  readonly file: string | undefined;
}

/** A failure inside the engine; becomes a TemplateError with line and column at its edge. */
export class Fault extends Error {
  readonly code: TemplateErrorCode;
  readonly #hint: FaultFields['hint'];
  /** Of something that does not exist: what is called with it, or piped it, is as undefined. */
  readonly ofUndefined: boolean;
  at: number | undefined;
  /** The template that `at` is in, where it may come out of another one. */
  source: Text | undefined;

  constructor(message: string, fields: FaultFields = {}) {
    super(message);
    this.code = fields.code ?? 'template-error';
    this.#hint = fields.hint;
    this.ofUndefined = fields.ofUndefined ?? false;
    this.at = fields.at;
  }

  get hint(): string | undefined {
    return typeof this.#hint === 'function' ? this.#hint() : this.#hint;
  }
}

/** Whether it is about something that does not exist, and what stumbled over that is as undefined. */
export function isOfUndefined(error: unknown): boolean {
  if (error instanceof Fault || error instanceof TemplateError) return error.ofUndefined;
  return error instanceof OrchError && isOfUndefined(error.cause);
}

/** Whether it is about something encrypted that nothing opens. */
export function isOfVault(error: unknown): boolean {
  const isOurs = error instanceof Fault || error instanceof TemplateError || error instanceof OrchError;
  return isOurs && error.code === 'vault';
}

/** Line and column, from 1, of an offset in a text. */
export function lineAndColumn(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset);
  const lineStart = before.lastIndexOf('\n') + 1;
  return { line: before.split('\n').length, column: offset - lineStart + 1 };
}

/** Runs `work` of a template's text: what fails inside the engine is in that text, unless it tells of another one. */
export function within<T>(source: Text, work: () => T): T {
  try {
    return work();
  } catch (error) {
    // Deep nesting and giant strings end in V8's own RangeErrors.
    const fault = error instanceof RangeError ? new Fault(`too deep or too large: ${error.message}`) : error;
    if (fault instanceof Fault) {
      fault.at ??= 0;
      fault.source ??= source;
    }
    throw fault;
  }
}

/** The same where the engine ends: what fails inside comes out as a TemplateError, anything else untouched. */
export function atEdge<T>(source: Text, work: () => T): T {
  try {
    return within(source, work);
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    const { text, file } = error.source ?? source;
    const { line, column } = lineAndColumn(text, error.at ?? 0);
    const place = { line, column, file, excerpt: text.split('\n')[line - 1] ?? '' };
    throw new TemplateError(error.code, error.message, place, error.hint, error.ofUndefined);
  }
}
