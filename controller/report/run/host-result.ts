import { isDataMapping } from '../../template/python/atom.ts';
import { clean, cleanLine, safeJson, toldJson } from '../clean.ts';
import { diffText } from '../diff.ts';
import { sorted } from '../sorted.ts';
import { createStyle } from '../style.ts';
import type { RunEvent, TaskRecord } from '../types.ts';
import { yamlResult } from '../yaml-result.ts';
import { debugged, isTelling, withoutVerdict } from './result-text.ts';

/** Results that are mostly the output of a program, unless it was a job. */
const programs: ReadonlySet<string> = new Set(['command', 'shell', 'raw']);

const captions: Readonly<Partial<Record<TaskRecord['status'], string>>> = {
  ok: 'SUCCESS',
  changed: 'CHANGED',
};

/** How results are printed. */
export interface HostLook {
  readonly oneLine?: boolean;
  /** Of results in several lines. */
  readonly format?: 'json' | 'yaml';
  /** Lines that diffs show around changes; default 3. */
  readonly context?: number;
  /** False where YAML says all, to the last blank. */
  readonly pretty?: boolean | undefined;
}

/** One task on one host, as `ansible` prints it: `vm01 | SUCCESS => {...}`, or the output of a program. */
export function hostResult(task: TaskRecord, look: HostLook = {}): string {
  return `${changesOf(task, look)}${outcomeOf(task, look)}`;
}

/** What --diff asks for, and one line has no place for. */
function changesOf({ diff }: TaskRecord, { context, oneLine }: HostLook): string {
  const text = diff && !oneLine ? diffText(diff, createStyle(false), context) : '';
  return text === '' ? '' : `${text}\n`;
}

function outcomeOf(task: TaskRecord, look: HostLook): string {
  const { oneLine } = look;
  const { host, module, status } = task;
  if (status === 'skipped') return `${cleanLine(`${host} | SKIPPED`)}\n`;
  const result = isDataMapping(task.result) ? task.result : {};
  if (status === 'unreachable') return oneLine ? lostLine(host, result.msg) : inJson(task, 'UNREACHABLE!', look);
  const caption = captions[status] ?? 'FAILED';
  if (programs.has(module) && !('ansible_job_id' in result)) {
    // As in Ansible, of what was not run to its end.
    const rc = 'rc' in result ? (result.rc ?? 'None') : -1;
    const head = `${host} | ${caption} | rc=${rc}`;
    if (oneLine) {
      const line = `${cleanLine(`${head} | (stdout) ${textOf(result.stdout)}${errorOf(result.stderr)}`)}\n`;
      // As in Ansible a failure is told with all of its result, too.
      return caption === 'FAILED' ? line + inJson(task, caption, look) : line;
    }
    // One behind the other without a newline, as in Ansible.
    return clean(`${head} >>\n${textOf(result.stdout)}${textOf(result.stderr)}${textOf(result.msg)}\n`);
  }
  return inJson(task, caption, look);
}

/** The whole result behind what it came to. */
function inJson(task: TaskRecord, caption: string, look: HostLook): string {
  const { oneLine, format, pretty } = look;
  const { host, module } = task;
  const result = isDataMapping(task.result) ? task.result : {};
  const mark = caption === 'FAILED' ? `${caption}!` : caption;
  const told = shown(module, result, look);
  const head = cleanLine(`${host} | ${mark}`);
  if (format === 'yaml' && !oneLine) return `${head} =>${yamlResult(told, pretty)}\n`;
  const json = toldJson(sorted(told), 4);
  // As in Ansible, what is shown whatever -v says keeps the blanks of its lines; of a loop that is each item.
  const between = isTelling(task) && !('results' in result) ? /\n/g : /\n */g;
  return `${head} => ${oneLine ? json.replace(between, '') : json}\n`;
}

/** As in Ansible, where a line is all that there is. */
const lostLine = (host: string, why: unknown): string => `${cleanLine(`${host} | UNREACHABLE!: ${textOf(why)}`)}\n`;

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');
const errorOf = (value: unknown): string => (textOf(value) === '' ? '' : ` (stderr) ${textOf(value)}`);

type Result = Readonly<Record<string, unknown>>;

/** Without what the caption and warnings say, and, in several lines, what says nothing of debug. */
function shown(module: string, result: Result, { oneLine }: HostLook): Result {
  const { skipped: _, ...told } = withoutVerdict(result);
  return module === 'debug' && !oneLine ? debugged(told) : told;
}

/** Prints the results of a run of one task, host by host, as they come; `warn` takes what is said beside them. */
export function createHostPrinter(
  write: (text: string) => void,
  warn: (text: string) => void,
  look: HostLook,
): (event: RunEvent) => void {
  const say = (message: string, title = 'WARNING') => warn(`[${title}]: ${cleanLine(message)}\n`);
  return (event) => {
    if (event.type === 'task-done') {
      for (const message of event.warnings ?? []) say(message);
      for (const message of event.deprecations ?? []) say(message, 'DEPRECATION WARNING');
      write(hostResult(event, look));
    } else if (event.type === 'warning') say(event.message);
    else if (event.type === 'host-failed' && event.failure.task === undefined) {
      const { host, failure } = event;
      const told = { changed: false, msg: failure.summary, unreachable: true };
      write(
        look.oneLine ? lostLine(host, failure.summary) : `${cleanLine(host)} | UNREACHABLE! => ${safeJson(told, 4)}\n`,
      );
    }
  };
}
