import { TemplateError, type TemplateErrorCode } from './types.ts';

interface FaultFields {
  readonly code?: TemplateErrorCode;
  /** Offset in the template's text; who throws without knowing it leaves it to the evaluator. */
  readonly at?: number;
  readonly hint?: string | undefined;
  readonly ofUndefined?: boolean;
}

interface Text {
  readonly text: string;
  readonly file: string | undefined;
}

/** A failure inside the engine; becomes a TemplateError with line and column at its edge. */
export class Fault extends Error {
  readonly code: TemplateErrorCode;
  readonly hint: string | undefined;
  /** Of something that does not exist: what is called with it, or piped it, is as undefined. */
  readonly ofUndefined: boolean;
  at: number | undefined;
  /** The template that `at` is in, where it may come out of another one. */
  source: Text | undefined;

  constructor(message: string, fields: FaultFields = {}) {
    super(message);
    this.code = fields.code ?? 'template-error';
    this.hint = fields.hint;
    this.ofUndefined = fields.ofUndefined ?? false;
    this.at = fields.at;
  }
}

/** Line and column, from 1, of an offset in a text. */
export function lineAndColumn(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset);
  const lineStart = before.lastIndexOf('\n') + 1;
  return { line: before.split('\n').length, column: offset - lineStart + 1 };
}

/** Runs `work`; what fails inside the engine comes out as a TemplateError in its text, anything else untouched. */
export function atEdge<T>(source: Text, work: () => T): T {
  try {
    return work();
  } catch (error) {
    const { text, file } = (error instanceof Fault ? error.source : undefined) ?? source;
    if (error instanceof Fault) {
      const { line, column } = lineAndColumn(text, error.at ?? 0);
      const excerpt = text.split('\n')[line - 1] ?? '';
      throw new TemplateError(error.code, error.message, { line, column, file, excerpt }, error.hint);
    }
    // Deep nesting and giant strings end in V8's own RangeErrors.
    if (error instanceof RangeError) {
      const place = { line: 1, column: 1, file, excerpt: text.split('\n')[0] ?? '' };
      throw new TemplateError('template-error', `too deep or too large: ${error.message}`, place);
    }
    throw error;
  }
}
