import { exclusions } from '../../agent/engine/snapshot/exclusions.ts';

const start = '<!-- what is left out: made by npm run docs -->';
const end = '<!-- end -->';

/** docs/undo.md with its list of what is left out of a comparison as the code has it. */
export function undoPage(page: string): string {
  const list = exclusions.map(
    ({ section, what, why }) => `- ${section}: ${what.map((key) => `\`${key}\``).join(', ')}: ${why}.`,
  );
  const [head = ''] = page.split(start);
  const tail = page.slice(page.indexOf(end));
  return `${head}${start}\n\n${list.join('\n')}\n\n${tail}`;
}
