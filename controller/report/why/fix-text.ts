import { clean, cleanLine } from '../clean.ts';
import { count } from '../format.ts';
import type { Style } from '../style.ts';
import { labelled } from './verdict-text.ts';
import type { FixReport } from './why-types.ts';

/** What became of a fix, with the tasks to paste. */
export function fixText(fix: FixReport, columns: number, style: Style): string {
  const { kept, reason, mended, run, left } = fix;
  const behind = run === undefined || kept ? [] : left.slice(0, 1).map(({ sentence }) => cleanLine(sentence));
  const tasks = mended.flatMap(({ mend }) => (mend === undefined ? [] : [mend]));
  return [
    '',
    endText(fix, columns, style),
    ...(reason === '' ? [] : labelled('', behind, columns)),
    ...(run === undefined || !kept ? [] : [`orch rollback ${cleanLine(run)} takes it back`]),
    ...(kept ? tasks : []).flatMap(({ host, tasks: text }) => [
      '',
      `paste   on ${cleanLine(host)}:`,
      ...clean(text)
        .split('\n')
        .map((line) => style.good(`  ${line}`)),
    ]),
    '',
  ].join('\n');
}

function endText({ dryRun, kept, mended, compared, lab, run, reason }: FixReport, columns: number, style: Style) {
  const [first] = mended;
  if (kept) {
    const compare = compared === 0 ? '' : `; of ${count(compared, 'cell')} of lab ${cleanLine(lab)} none is worse`;
    return style.good(`mended: the probe is answered${compare}`);
  }
  if (dryRun && first !== undefined) {
    const text = `--fix would try the mend for ${first.cause} above. Nothing was changed.`;
    return style.changed(labelled('dry run', [text], columns).join('\n'));
  }
  return style.bad(labelled(run === undefined ? 'no fix' : 'undone', [cleanLine(reason)], columns).join('\n'));
}
