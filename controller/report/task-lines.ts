import { clean, cleanLine, safeJson } from './clean.ts';
import { diffText } from './diff.ts';
import type { Style } from './style.ts';
import type { RunEvent, TaskRecord, TaskStatus } from './types.ts';

type ItemRecord = Extract<RunEvent, { type: 'item-done' }>;

/** What a host's part of a task prints: the line, told from the host so that equal ones can share it, and what follows. */
export interface TaskLine {
  readonly host: string;
  readonly status: TaskStatus;
  /** What stands behind `status: [host]`. */
  readonly tail: string;
  /** Diffs and results, which belong to one host. */
  readonly body: string;
}

export interface Detail {
  /** 0..3, from -v. */
  readonly verbosity: number;
  readonly diff: boolean;
}

const mostJson = 4000;

const words: Readonly<Record<TaskStatus, string>> = {
  ok: 'ok',
  changed: 'changed',
  failed: 'failed',
  skipped: 'skipping',
  unreachable: 'unreachable',
  rescued: 'failed',
  ignored: 'failed',
};

const afterwards: Partial<Record<TaskStatus, string>> = { rescued: ' (rescued)', ignored: ' (ignored)' };

/** The colour of a status. */
function statusStyle(status: TaskStatus, style: Style): (text: string) => string {
  if (status === 'ok') return style.good;
  if (status === 'changed') return style.changed;
  if (status === 'skipped') return style.quiet;
  return status === 'ignored' || status === 'rescued' ? style.note : style.bad;
}

function messageTail(status: TaskStatus, message: string | undefined, detail: Detail): string {
  if (!message || (status === 'skipped' && detail.verbosity === 0)) return '';
  const text = clean(message).trimEnd();
  return text.includes('\n') ? ` =>\n${text.replace(/^/gm, '    ')}` : ` => ${text}`;
}

function json(label: string, value: unknown, verbosity: number): string[] {
  if (value === undefined) return [];
  const text = safeJson(value, verbosity > 1 ? 2 : undefined);
  const cut = verbosity > 1 || text.length <= mostJson ? text : `${text.slice(0, mostJson)}... (-vv shows all)`;
  return [`${label}${cut}`.replace(/^/gm, '    ')];
}

function shownDiff(diff: TaskRecord['diff'], detail: Detail, style: Style): string {
  return detail.diff && diff ? diffText(diff.before, diff.after, style) : '';
}

/** The line of one loop item, with what --diff adds. */
export function itemLine(item: ItemRecord, detail: Detail, style: Style): TaskLine {
  const tail = ` (item=${cleanLine(item.label)})${messageTail(item.status, item.message, detail)}`;
  return { host: item.host, status: item.status, tail, body: shownDiff(item.diff, detail, style) };
}

/** The line of a task on one host, with what -v and --diff add; the items of a loop have shown their diffs. */
export function taskLine(record: TaskRecord, detail: Detail, style: Style, looped: boolean): TaskLine {
  const diff = looped ? '' : shownDiff(record.diff, detail, style);
  const body = [
    ...(diff ? [diff] : []),
    ...(detail.verbosity >= 2 ? json('args: ', record.args, detail.verbosity) : []),
    ...(detail.verbosity >= 1 ? json('result: ', record.result, detail.verbosity) : []),
  ];
  const tail = messageTail(record.status, record.message, detail);
  return { host: record.host, status: record.status, tail, body: body.join('\n') };
}

const mostNames = 10;

function hosts(names: readonly string[]): string {
  const clear = names.map(cleanLine);
  if (clear.length <= mostNames) return `[${clear.join(', ')}]`;
  return `[${clear.slice(0, mostNames - 2).join(', ')}, ... ${clear.at(-1)}] (${clear.length} hosts)`;
}

/** Lines as Ansible prints them; hosts with the very same outcome share one when there are more than `alone` of them. */
export function foldLines(lines: readonly TaskLine[], style: Style, alone = 4): string[] {
  const groups = new Map<string, TaskLine[]>();
  for (const line of lines) {
    const own = line.body === '' ? '' : line.host;
    const key = [line.status, line.tail, own].join('\0');
    groups.set(key, [...(groups.get(key) ?? []), line]);
  }
  const text = ({ status, tail }: TaskLine, names: readonly string[]) =>
    statusStyle(status, style)(`${words[status]}: ${hosts(names)}${afterwards[status] ?? ''}${tail}`);
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first && group.length > alone)
      return [
        text(
          first,
          group.map((line) => line.host),
        ),
      ];
    return group.flatMap((line) => [text(line, [line.host]), ...(line.body ? [line.body] : [])]);
  });
}
