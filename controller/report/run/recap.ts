import { clean, cleanHanging, cleanLine } from '../clean.ts';
import { banner, count, duration, placeText } from '../format.ts';
import type { Style } from '../style.ts';
import type { ExitCode, Failure, HostSummary, Report } from '../types.ts';
import { pad, width } from '../width.ts';
import { isUnexpected } from './collect.ts';

const columns = ['ok', 'changed', 'unreachable', 'failed', 'skipped', 'rescued', 'ignored'] as const;

/** What each exit code means, in a few words. */
export const exitText: Readonly<Record<ExitCode, string>> = {
  0: 'all well',
  2: 'a task failed or a host was unreachable',
  3: 'an expectation was not met',
  4: 'the input was wrong',
  130: 'interrupted',
};

function nameStyle(host: HostSummary, style: Style): (text: string) => string {
  if (host.failed + host.unreachable > 0) return style.bad;
  return host.changed > 0 ? style.changed : style.good;
}

function hostLine(name: string, host: HostSummary, columnsOfName: number, style: Style): string {
  const paint: Partial<Record<keyof HostSummary, (text: string) => string>> = {
    ok: style.good,
    changed: style.changed,
    unreachable: style.bad,
    failed: style.bad,
    skipped: style.quiet,
  };
  const cells = columns.map((key, index) => {
    const last = index === columns.length - 1;
    const text = last ? `${key}=${host[key]}` : `${pad(`${key}=${host[key]}`, key.length + 5)} `;
    return host[key] > 0 ? (paint[key] ?? style.note)(text) : text;
  });
  return `${nameStyle(host, style)(pad(cleanLine(name), columnsOfName))} : ${cells.join('')}`;
}

/** One host's first failure: where, what, and what to do. */
function failureText(host: string, failure: Failure, style: Style): string {
  const task = failure.task === undefined ? '' : ` | ${cleanLine(failure.task)}`;
  const place = failure.at ? ` (${cleanLine(placeText(failure.at))})` : '';
  const lines = [
    `${style.bad(cleanLine(host))}${task}${place}: ${cleanHanging(failure.summary, '    ')} [${failure.code}]`,
    ...(failure.detail ? clean(failure.detail).trim().split('\n').slice(0, 20) : []).map((line) => `    ${line}`),
    ...(failure.hint ? [`    hint: ${cleanHanging(failure.hint, '      ')}`] : []),
  ];
  return lines.join('\n');
}

/** All but the tasks. */
type Summary = Omit<Report, 'tasks'>;

function reachLine(report: Summary, style: Style): string[] {
  const expected = report.reach.filter((cell) => cell.expected !== null);
  if (report.reach.length === 0) return [];
  const missed = expected.filter(isUnexpected).length;
  if (expected.length === 0) return [`reach: ${count(report.reach.length, 'cell')} measured, no expectations`];
  const text = `reach: ${expected.length - missed} of ${count(expected.length, 'cell')} as expected`;
  return [missed > 0 ? style.bad(text) : style.good(text)];
}

/** How a run went: a line for each host as in Ansible, every host's first failure, the cells, the time. */
export function recapText(report: Summary, style: Style): string {
  const all = Object.entries(report.hosts);
  // Those that nothing was done for are left out, as in Ansible.
  const hosts = all.filter(
    ([name, host]) => Object.hasOwn(report.failures, name) || columns.some((key) => host[key] > 0),
  );
  // At least, as in Ansible.
  const nameWidth = Math.max(26, ...hosts.map(([name]) => width(cleanLine(name))));
  const failures = Object.entries(report.failures).map(([host, failure]) => failureText(host, failure, style));
  const check = report.check ? ' (check mode: nothing was changed)' : '';
  return [
    style.strong(banner('PLAY RECAP')),
    ...hosts.map(([name, host]) => hostLine(name, host, nameWidth, style)),
    '',
    ...(failures.length > 0 ? [...failures, ''] : []),
    ...reachLine(report, style),
    `lab ${cleanLine(report.lab)}: ${count(all.length, 'host')} in ${duration(report.durationMs)}, exit ${report.exit} (${exitText[report.exit]})${check}`,
    '',
  ].join('\n');
}
