import { clean, cleanLine } from '../clean.ts';
import { nameList } from '../format.ts';
import type { Style } from '../style.ts';
import { wrap } from '../wrap.ts';
import { clockText } from './clock-text.ts';
import { wayText } from './way-text.ts';
import type { Verdict, WatchedHost, WhyReport } from './why-types.ts';

const label = 8;

/** Lines beside a name, broken where they are too long. */
export function labelled(name: string, lines: readonly string[], columns: number): readonly string[] {
  const wrapped = lines.flatMap((line) => wrap(cleanLine(line), columns - label));
  return wrapped.map((line, index) => `${(index === 0 ? name : '').padEnd(label)}${line}`);
}

/** One verdict. `where`: what it makes fail, in lines with a name before each, when that is not said elsewhere. */
export function verdictText(
  verdict: Verdict,
  columns: number,
  style: Style,
  where: readonly (readonly [name: string, text: string])[] = [],
): string {
  const { confidence, cause, sentence, proof, beware, mend } = verdict;
  const paint = confidence === 'unknown' ? style.changed : style.bad;
  const [first = '', ...rest] = labelled('why', [sentence], columns);
  const tasks = mend && clean(mend.tasks).split('\n');
  return [
    paint(first),
    ...rest.map(paint),
    ...labelled('', [`(${confidence}: ${cause})`], columns),
    ...where.flatMap(([name, text]) => labelled(name, [text], columns)),
    ...proof.flatMap((line, index) => labelled(index === 0 ? 'proof' : '', [line], columns)),
    ...(beware === undefined ? [] : labelled('beware', [beware], columns)),
    ...(mend === undefined || tasks === undefined
      ? []
      : ['', `mend    on ${cleanLine(mend.host)}:`, ...tasks.map((line) => style.good(`  ${line}`))]),
  ].join('\n');
}

/** What could not be watched, where it takes something from the verdict. */
function watchedText(watched: readonly WatchedHost[]): string {
  const without = watched.filter(({ level }) => level === 'none').map(({ host }) => host);
  const levels = [...new Set(watched.map(({ level }) => level))].filter((level) => level !== 'none');
  const seen = levels.length > 0 ? `packets watched by ${levels.join(' and ')}` : '';
  const blind = without.length > 0 ? `no packets could be watched on ${nameList(without)}` : '';
  return [seen, blind].filter((text) => text !== '').join('; ');
}

/** Why no better means could be had, by the hosts that it is said of: what is not seen may be why no cause is found. */
function lackText({ watched, outcome }: WhyReport): readonly string[] {
  if (outcome === 'replied') return [];
  const said = [...new Set(watched.map(({ lacking }) => lacking.join('; ')))].filter((text) => text !== '');
  return said.map((text) => {
    const hosts = watched.filter(({ lacking }) => lacking.join('; ') === text).map(({ host }) => host);
    return cleanLine(`${nameList(hosts)}: ${text}`);
  });
}

function outcomeText({ outcome, rttMs, message }: WhyReport): string {
  const words = {
    replied: 'answered',
    refused: 'refused',
    silent: 'no answer',
    unreachable: 'unreachable',
    error: 'not sent',
  };
  const rtt = rttMs === undefined ? '' : ` in ${rttMs.toFixed(2)} ms`;
  return `${words[outcome]}${rtt}${message === '' ? '' : ` (${cleanLine(message)})`}`;
}

/** What was asked and what came of it, in one line. */
export function whyHead(report: WhyReport): string {
  const { from, to, address, protocol } = report;
  const goal = to === address ? to : `${to} (${address})`;
  return cleanLine(`${from} -> ${goal}, ${protocol}: ${outcomeText(report)}`);
}

/** How well packets could be watched. */
export function whyNotes(report: WhyReport): readonly string[] {
  return [watchedText(report.watched), ...lackText(report), clockText(report)].filter((text) => text !== '');
}

/** Where the packet went and why it failed, in at most `columns` columns where names allow. */
export function whyText(report: WhyReport, columns: number, style: Style): string {
  const { verdicts, way, outcome } = report;
  const picture = wayText(way, columns, style);
  const notes = whyNotes(report);
  return [
    ...wrap(whyHead(report), columns).map(outcome === 'replied' ? style.good : style.strong),
    ...(picture === '' ? [] : ['', picture]),
    ...(notes.length === 0 ? [] : ['', ...notes.flatMap((note) => wrap(note, columns)).map(style.quiet)]),
    ...verdicts.flatMap((verdict, index) => [
      '',
      ...(index === 1 ? ['and then'] : []),
      verdictText(verdict, columns, style),
    ]),
    '',
  ].join('\n');
}
