import { clean, cleanLine } from '../clean.ts';
import { count } from '../format.ts';
import type { Style } from '../style.ts';
import type { DoctorFinding, DoctorReport } from './doctor-types.ts';
import { labelled } from './verdict-text.ts';

function findingText(finding: DoctorFinding, columns: number, style: Style): readonly string[] {
  const { check, host, netns, device, sentence, breaks, mend, advice } = finding;
  const place = [netns === '' ? host : `${host}/${netns}`, device].filter((part) => part !== undefined).join(' ');
  return [
    '',
    `${style.strong(cleanLine(place))}  ${style.quiet(check)}`,
    ...labelled('found', [sentence], columns).map(style.bad),
    ...labelled('breaks', [breaks], columns),
    ...(advice === undefined ? [] : labelled('mend', [advice], columns)),
    ...(mend === undefined
      ? []
      : [
          `mend    on ${cleanLine(mend.host)}:`,
          ...clean(mend.tasks)
            .split('\n')
            .map((line) => style.good(`  ${line}`)),
        ]),
  ];
}

/**
 * What was looked at, and each trap with its mend, in at most `columns` columns where names allow. `missed`: how many hosts could
 * not be asked.
 */
export function doctorText(report: DoctorReport, missed: number, columns: number, style: Style): string {
  const { hosts, findings, unread, checks } = report;
  const namespaces = hosts.reduce((sum, host) => sum + host.namespaces, 0);
  const looked = `${count(hosts.length, 'host')} with ${count(namespaces, 'namespace')}, ${count(checks.length, 'check')}`;
  const found = findings.length === 0 ? style.good('nothing found') : style.bad(count(findings.length, 'finding'));
  const end = missed === 0 ? found : `${found}, ${style.bad(`${count(missed, 'host')} not looked at`)}`;
  return [
    `${looked}: ${end}`,
    ...unread.flatMap((what) => labelled('unread', [what], columns)),
    ...findings.flatMap((finding) => findingText(finding, columns, style)),
    '',
  ].join('\n');
}
