import { exclusions } from '../../agent/engine/snapshot/exclusions.ts';
import { filled } from './filled.ts';

/** docs/undo.md with its list of what is left out of a comparison as the code has it. */
export function undoPage(page: string): string {
  const list = exclusions.map(
    ({ section, what, why }) => `- ${section}: ${what.map((key) => `\`${key}\``).join(', ')}: ${why}.`,
  );
  return filled(page, 'what is left out', list.join('\n'));
}
