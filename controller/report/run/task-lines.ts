import { resolve } from 'node:path';
import type { FilePlace } from '../../../proto/errors.ts';
import { isDataMapping } from '../../template/python/atom.ts';
import { clean, cleanLine, safeJsonLine } from '../clean.ts';
import { diffText } from '../diff.ts';
import type { Style } from '../style.ts';
import type { RunEvent, TaskRecord, TaskStatus } from '../types.ts';
import { type Detail, failedOf, isTelling, resultText, type Told, telling } from './result-text.ts';

type ItemRecord = Extract<RunEvent, { type: 'item-done' }>;

/** What a host's part of a task prints: the line, told from the host so that equal ones can share it, and what follows. */
export interface TaskLine {
  readonly host: string;
  readonly status: TaskStatus;
  /** What it begins with, where the status alone does not say it. */
  readonly word?: string | undefined;
  /** The file or role that an include brought. */
  readonly included?: string | undefined;
  /** What stands behind `status: [host]`. */
  readonly tail: string;
  /** It failed, and that does not count. */
  readonly ignored?: boolean;
  /** The diff and the place of a failure, which belong to one host and stand before the line, as in Ansible. */
  readonly diff?: string | undefined;
  /** What follows the line, and belongs to one host, too. */
  readonly body: string;
}

/** Whether a line is shown where some are not wanted. */
export function isShown({ status, included }: TaskLine, { skipped = true, ok = true }: Detail): boolean {
  return status === 'skipped' ? skipped : status !== 'ok' || included !== undefined || ok;
}

/** What stands before the hosts. */
const words: Readonly<Record<TaskStatus, string>> = {
  ok: 'ok',
  changed: 'changed',
  failed: 'fatal',
  skipped: 'skipping',
  unreachable: 'fatal',
  rescued: 'fatal',
  ignored: 'fatal',
};

/** The colour of a status. */
function statusStyle(status: TaskStatus, style: Style): (text: string) => string {
  if (status === 'ok') return style.good;
  if (status === 'changed') return style.changed;
  if (status === 'skipped') return style.quiet;
  return status === 'ignored' || status === 'rescued' ? style.note : style.bad;
}

/** Whether a task brings others. */
export function isInclude(module: string): boolean {
  return module === 'include_tasks' || module === 'include_role';
}

/** True when the line of an item needs its result whatever -v says. */
export function showsResult(item: Told): boolean {
  const wants = failedOf(item) || telling.has(item.module ?? '');
  return wants && item.status !== 'skipped';
}

/** What an include says that it brought, where no no_log hides it. */
function includedBy({ module = '', status, message = '' }: Told): string | undefined {
  return status === 'ok' && isInclude(module) && message.startsWith('included: ') ? cleanLine(message) : undefined;
}

/** Too much to be told, as in Ansible, whose results of these are hidden. */
function isFacts({ module = '' }: Told): boolean {
  return module === 'setup' || module === 'gather_facts';
}

/** How the line goes on behind its hosts, or behind its item. */
function resultTail(said: Told, detail: Detail): string {
  if (includedBy(said) !== undefined) return '';
  if (failedOf(said) || isTelling(said) || (detail.verbosity >= 1 && !isFacts(said))) {
    return ` => ${resultText(said, detail)}`;
  }
  return said.module === 'reach' && said.message ? ` => ${clean(said.message).trimEnd()}` : '';
}

/** Results have one where the command line or the task asks for it; it is shown of what counts as changed. */
function shownDiff({ diff, status }: ItemRecord | TaskRecord, style: Style, { context }: Detail): string {
  return diff && status === 'changed' ? diffText(diff, style, context) : '';
}

/** Behind a failure that does not count. */
export const ignoring = '...ignoring';

/** Whether a loop as a whole is told behind its items: the host was lost on the way, none of them was for it, or debug failed. */
export function tellsWhole(record: TaskRecord): boolean {
  const { status, module } = record;
  return status === 'unreachable' || status === 'skipped' || (module === 'debug' && failedOf(record));
}

/** The host, with the one that did it for it. */
function hostText({
  host,
  status,
  delegate,
  delegateAddress,
}: Pick<TaskRecord, 'host' | 'status' | 'delegate' | 'delegateAddress'>): string {
  if (delegate === undefined || status === 'skipped') return host;
  return `${host} -> ${delegate}${delegateAddress === undefined ? '' : `(${delegateAddress})`}`;
}

/** The line of one loop item, with its diff. */
export function itemLine(item: ItemRecord, detail: Detail, style: Style): TaskLine {
  const { status, label } = item;
  const host = hostText(item);
  const name = `(item=${cleanLine(label)})`;
  const told = { diff: shownDiff(item, style, detail), body: '' };
  const result = resultTail(item, detail);
  // As Ansible has it.
  const tail = status === 'skipped' && result !== '' ? ` ${result}` : result;
  return failedOf(item)
    ? { host, status, word: 'failed', tail: ` ${name}${tail}`, ...told }
    : { host, status, included: includedBy(item), tail: ` => ${name}${tail}`, ...told };
}

/** Where a task stands, as Ansible tells it. */
export function taskPath({ file, line }: FilePlace): string {
  return cleanLine(`task path: ${resolve(file)}:${line}`);
}

/** The line of a task on one host, with its diff and what -vvv adds; the items of a loop have shown their diffs. */
export function taskLine(record: TaskRecord, detail: Detail, style: Style, looped: boolean): TaskLine {
  const failed = failedOf(record);
  const before = [
    looped ? '' : shownDiff(record, style, detail),
    // Below its title it stands for -vv.
    failed && detail.places && detail.verbosity < 2 ? taskPath(record.at) : '',
    failed && detail.verbosity >= 3 ? tracebackText(record) : '',
  ];
  const args = detail.verbosity >= 3 && record.args !== undefined ? `    args: ${safeJsonLine(record.args)}` : '';
  const lost = record.status === 'unreachable' || (isDataMapping(record.result) && record.result.unreachable === true);
  const verdict = failed ? (lost ? ': UNREACHABLE!' : ': FAILED!') : '';
  return {
    host: hostText(record),
    status: record.status,
    included: includedBy(record),
    tail: `${verdict}${resultTail(record, detail)}`,
    ignored: record.status === 'ignored',
    diff: before.filter(Boolean).join('\n'),
    body: args,
  };
}

/** Where a module broke off, as Ansible tells it. */
function tracebackText({ result }: TaskRecord): string {
  const told = isDataMapping(result) ? result.exception : undefined;
  return typeof told === 'string' ? `The full traceback is:\n${clean(told).trimEnd()}` : '';
}

const mostNames = 10;

function hosts(names: readonly string[]): string {
  const clear = names.map(cleanLine);
  if (clear.length <= mostNames) return `[${clear.join(', ')}]`;
  return `[${clear.slice(0, mostNames - 2).join(', ')}, ... ${clear.at(-1)}] (${clear.length} hosts)`;
}

/** Lines as Ansible prints them; hosts with the very same outcome share one when there are more than `alone` of them. */
export function foldLines(lines: readonly TaskLine[], style: Style, alone: number): string[] {
  const text = ({ status, word = words[status], included, tail, ignored }: TaskLine, names: readonly string[]) =>
    statusStyle(
      status,
      style,
    )(
      included === undefined
        ? `${word}: ${hosts(names)}${tail}${ignored ? `\n${ignoring}` : ''}`
        : `${included} for ${names.map(cleanLine).join(', ')}${tail}`,
    );
  const whole = (line: TaskLine) => [line.diff || [], text(line, [line.host]), line.body || []].flat();
  const isFew = new Set(lines.map(({ host }) => host)).size <= alone;
  if (isFew && lines.every(({ included }) => included === undefined)) return lines.flatMap(whole);

  const groups = new Map<string, TaskLine[]>();
  const seen = new Map<string, number>();
  for (const line of lines) {
    const own = line.diff || line.body ? line.host : '';
    const key = [line.status, line.word, line.included, line.tail, line.ignored, own].join('\0');
    // Equal items of one host's loop are so many lines.
    const before = seen.get(`${key}\0${line.host}`) ?? 0;
    seen.set(`${key}\0${line.host}`, before + 1);
    const group = `${key}\0${before}`;
    const same = groups.get(group);
    if (same === undefined) groups.set(group, [line]);
    else same.push(line);
  }
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first && (group.length > alone || first.included !== undefined))
      return [
        text(
          first,
          group.map((line) => line.host),
        ),
      ];
    return group.flatMap(whole);
  });
}
