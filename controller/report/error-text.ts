import type { FilePlace, OrchError } from '../../proto/errors.ts';
import { clean, cleanExcerpt } from './clean.ts';

function place(where: FilePlace): string {
  return `${where.file}:${where.line}:${where.column}`;
}

/**
 * An error as people read it: place, sentence, source line with a caret, detail, hint.
 * Pure; no colours, so that it reads the same in a log.
 */
export function errorText(error: OrchError): string {
  const { where } = error;
  const lines: string[] = [];
  if (where && 'file' in where) {
    lines.push(`${place(where)}: ${clean(error.summary)} [${error.code}]`);
    if (where.excerpt !== undefined) {
      // Tabs stay tabs, so that the caret stands under its column in any terminal.
      const blank = where.excerpt.slice(0, where.column - 1).replace(/[^\t]/g, ' ');
      lines.push(`    ${cleanExcerpt(where.excerpt)}`, `    ${blank}^`);
    }
  } else if (where) {
    lines.push(`${where.host}${where.task ? ` | ${where.task}` : ''}: ${clean(error.summary)} [${error.code}]`);
  } else {
    lines.push(`${clean(error.summary)} [${error.code}]`);
  }
  if (error.detail)
    lines.push(
      ...clean(error.detail)
        .split('\n')
        .map((line) => `  ${line}`),
    );
  if (error.hint) lines.push(`  hint: ${clean(error.hint)}`);
  return lines.join('\n');
}
