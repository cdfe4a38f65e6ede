import { OrchError } from '../../../proto/errors.ts';
import type { Located } from '../../source/located.ts';
import { compile, compileExpression, isTemplateInstead } from '../../template/compile.ts';
import { TemplateError } from '../../template/types.ts';

/** True when a text must be rendered before it means anything. */
export function isTemplate(value: unknown): value is string {
  return typeof value === 'string' && /\{[{%#]/.test(value);
}

/** True when a value holds a template anywhere inside. */
export function holdsTemplate(value: unknown): boolean {
  if (typeof value === 'object' && value !== null) return Object.values(value).some(holdsTemplate);
  return isTemplate(value);
}

function attempt(located: Located, work: () => unknown): OrchError[] {
  try {
    work();
    return [];
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    const where = located.origin.placeInText(located.path, error.line, error.column);
    return [new OrchError({ code: error.code, summary: error.message, hint: error.hint, where, cause: error })];
  }
}

/** Syntax errors of all templates inside a value. */
export function templateErrors({ value, origin, path }: Located): OrchError[] {
  if (isTemplate(value)) return attempt({ value, origin, path }, () => compile(value));
  if (typeof value !== 'object' || value === null) return [];
  if (Array.isArray(value)) {
    return value.flatMap((item, index) => templateErrors({ value: item, origin, path: [...path, index] }));
  }
  return Object.entries(value).flatMap(([key, item]) => templateErrors({ value: item, origin, path: [...path, key] }));
}

/** Syntax errors of an expression that stands alone, as in `when:`. */
export function expressionErrors(located: Located<string>): OrchError[] {
  if (isTemplateInstead(located.value)) return templateErrors(located);
  if (located.value.trimStart().startsWith('{{')) {
    const column = located.value.indexOf('{{') + 1;
    return [
      new OrchError({
        code: 'template-syntax',
        summary: 'an expression stands here without {{ }}',
        hint: 'write the expression alone',
        where: located.origin.placeInText(located.path, 1, column),
      }),
    ];
  }
  return attempt(located, () => compileExpression(located.value));
}
