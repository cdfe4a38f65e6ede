import { cleanLine } from '../clean.ts';
import { banner, count, nameList } from '../format.ts';
import type { Style } from '../style.ts';
import { labelled, verdictText } from './verdict-text.ts';
import type { CellName, RunWhy, SharedVerdict } from './why-types.ts';

/** More are in the report. */
const mostNamed = 6;

function cellList(cells: readonly CellName[]): string {
  return nameList(
    cells.map(({ from, to }) => cleanLine(`${from} -> ${to}`)),
    mostNamed,
  );
}

function whereOf({ cells, later, alike }: SharedVerdict): readonly (readonly [string, string])[] {
  return [
    ...(cells.length > 0 ? [['cells', cellList(cells)] as const] : []),
    ...(later.length > 0 ? [['next', `behind another fault: ${cellList(later)}`] as const] : []),
    ...(alike.length > 0 ? [['maybe', `not probed again, but beside those: ${cellList(alike)}`] as const] : []),
  ];
}

/** Why cells of a run are not as expected: a part for each fault, with the cells it explains. */
export function runWhyText({ verdicts, unwanted, answered, open }: RunWhy, columns: number, style: Style): string {
  const part = (name: string, cells: readonly CellName[], text: string) =>
    cells.length === 0 ? [] : [labelled(name, [`${cellList(cells)}: ${text}`], columns).join('\n')];
  const parts = [
    ...verdicts.map((verdict) => verdictText(verdict, columns, style, whereOf(verdict))),
    ...part('reached', unwanted, 'expected unreachable, but it answers: there is no fault to look for.'),
    ...part('answers', answered, 'answered when probed again.'),
    ...open.flatMap(({ reason, cells }) => part('open', cells, `not probed again: ${reason}`)),
  ];
  const title = verdicts.length === 0 ? 'WHY' : `WHY [${count(verdicts.length, 'verdict')}]`;
  return `${style.strong(banner(title))}\n${parts.join('\n\n')}\n`;
}
