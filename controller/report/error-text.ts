import type { FilePlace, OrchError } from '../../proto/errors.ts';
import { clean, cleanExcerpt, cleanHanging, cleanLine } from './clean.ts';

function place(where: FilePlace): string {
  return cleanLine(`${where.file}:${where.line}:${where.column}`);
}

/** A sentence about a place, with the source line and a caret. `code`: what kind of sentence it is. */
export function placeLines(where: FilePlace, sentence: string, code: string): readonly string[] {
  const told = `${place(where)}: ${cleanHanging(sentence, '  ')} [${code}]`;
  if (where.excerpt === undefined) return [told];
  // Tabs stay tabs, so that the caret stands under its column in any terminal.
  const blank = where.excerpt.slice(0, where.column - 1).replace(/[^\t]/g, ' ');
  return [told, `    ${cleanExcerpt(where.excerpt)}`, `    ${blank}^`];
}

/**
 * An error as people read it: place, sentence, source line with a caret, detail, hint.
 * Pure; no colours, so that it reads the same in a log.
 */
export function errorText(error: OrchError): string {
  const { where } = error;
  const lines: string[] = [];
  if (where && 'file' in where) {
    lines.push(...placeLines(where, error.summary, error.code));
  } else if (where) {
    const about = cleanLine(`${where.host}${where.task ? ` | ${where.task}` : ''}`);
    lines.push(`${about}: ${cleanHanging(error.summary, '  ')} [${error.code}]`);
  } else {
    lines.push(`${cleanHanging(error.summary, '  ')} [${error.code}]`);
  }
  if (error.detail)
    lines.push(
      ...clean(error.detail)
        .split('\n')
        .map((line) => `  ${line}`),
    );
  if (error.hint) lines.push(`  hint: ${cleanHanging(error.hint, '    ')}`);
  return lines.join('\n');
}
