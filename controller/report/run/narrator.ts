import { basename } from 'node:path';
import { clean, cleanLine } from '../clean.ts';
import { banner, duration } from '../format.ts';
import type { Style } from '../style.ts';
import type { RunEvent, TaskName, TaskRecord } from '../types.ts';
import { lostText, retryText, startText, warningText } from './event-text.ts';
import { type HeldTask, HeldTasks, nothingTold } from './held-tasks.ts';
import { metaText } from './meta-text.ts';
import { PlayHosts } from './play-hosts.ts';
import { type Detail, failedOf } from './result-text.ts';
import { settledText } from './settled-text.ts';
import { foldLines, ignoring, isShown, itemLine, type TaskLine, taskLine, taskPath, tellsWhole } from './task-lines.ts';

export interface NarratorOptions {
  readonly write: (text: string) => void;
  /** Takes the lines of failures, where they go elsewhere. */
  readonly writeFailed?: ((text: string) => void) | undefined;
  readonly style: Style;
  readonly detail: Detail;
  /** Whether -v tells what programs print while they run: their results tell it again. */
  readonly live?: boolean;
  /** Hosts with one outcome that still have a line each; more share one. */
  readonly alone?: number;
  /** How long a result waits for other hosts' results of the same task, ms. */
  readonly holdMs?: number;
}

export interface Narrator {
  tell(event: RunEvent): void;
  /** Prints what is still held. */
  flush(): void;
}

type Told<T extends RunEvent['type']> = Extract<RunEvent, { type: T }>;

/** A run as lines in Ansible's manner, for logs and above the live view. */
export function createNarrator({
  write,
  writeFailed = write,
  style,
  detail,
  live = false,
  alone = 4,
  holdMs = 1000,
}: NarratorOptions): Narrator {
  const hosts = new PlayHosts();
  const held = new HeldTasks();
  const items = new Map<string, TaskLine[]>();
  const warned = new Set<string>();
  let header = '';
  let timer: NodeJS.Timeout | undefined;

  // In one piece: to write takes longer than to make a line.
  const whole = (texts: readonly string[]) => texts.map((text) => `${text}\n`).join('');
  const lines = (texts: readonly string[]) => write(whole(texts));
  const line = (text: string) => lines([text]);

  /** The lines above those of a task, unless they stand there already. */
  const heading = (key: string, title: string): readonly string[] => {
    if (key === header) return [];
    header = key;
    return ['', title];
  };

  const print = (key: string, task: HeldTask): void => {
    held.delete(key);
    if (task.lines.length === 0 && task.warnings.length === 0 && !task.bare) return;
    // As in Ansible, what an include brought to hosts stands behind those that it brought nothing.
    const place = ({ host, included }: TaskLine) => hosts.placeOf(host) + (included === undefined ? 0 : hosts.count);
    const told = task.lines.toSorted((a, b) => place(a) - place(b));
    const isElsewhere = (each: TaskLine) => writeFailed !== write && failedOf(each);
    const here = foldLines(
      told.filter((each) => !isElsewhere(each)),
      style,
      alone,
    );
    const elsewhere = told.filter(isElsewhere);
    // As in Ansible, that is told here.
    const ignored = elsewhere.filter((each) => each.ignored).map(() => style.note(ignoring));
    lines([...heading(key, task.title), ...task.starts, ...here, ...ignored, ...task.warnings]);
    const failures = elsewhere.map((each) => ({ ...each, ignored: false }));
    if (failures.length > 0) writeFailed(whole(foldLines(failures, style, alone)));
  };

  const flush = (): void => {
    clearTimeout(timer);
    timer = undefined;
    for (const [key, task] of held) print(key, task);
  };

  // In the order in which hosts came to the tasks; the timer takes care of those that some host is slow with.
  const printComplete = (): void => {
    for (const [key, task] of held) {
      if (!hosts.areThrough(key)) break;
      print(key, task);
    }
    if (held.size === 0) {
      clearTimeout(timer);
      timer = undefined;
    } else timer ??= setTimeout(flush, holdMs).unref();
  };

  const marked = (title: string, { check }: { readonly check?: true }) =>
    style.strong(banner(check && detail.markers ? `${title} [CHECK MODE]` : title));

  const titleOf = (named: TaskName) => {
    const { flush: notifiedBy, task, given } = named;
    const name = given === undefined ? task : `${task} ${given}`;
    const title = marked(`${notifiedBy === undefined ? 'TASK' : 'RUNNING HANDLER'} [${cleanLine(name)}]`, named);
    return detail.verbosity >= 2 ? `${title}\n${taskPath(named.at)}` : title;
  };

  const heldOf = (done: TaskName, bare = false): HeldTask => {
    const task = held.come(done.host, hosts.leave(done), bare);
    const place = hosts.placeOf(done.host);
    // As in Ansible, the first of the hosts names it for all.
    if (place < task.namedBy) [task.title, task.namedBy] = [titleOf(done), place];
    return task;
  };

  const beginRun = ({ lab, playbook, inventory, check, plays }: Told<'run-start'>): void => {
    line(cleanLine(`lab ${lab}: ${playbook} on ${inventory}${check ? ' (check mode)' : ''}`));
    if (detail.verbosity < 2 || plays === undefined) return;
    lines(['', style.strong(banner(cleanLine(`PLAYBOOK: ${basename(playbook)}`)))]);
    line(cleanLine(`${plays} plays in ${playbook}`));
  };

  const beginPlay = (event: Told<'play-start'>): void => {
    // What is held of the batch before stands under its own play, by its own places.
    flush();
    hosts.begin(event.hosts);
    header = '';
    line(`\n${marked(`PLAY [${cleanLine(event.play)}]`, event)}`);
    if (event.hosts.length === 0 && !event.lost) line('skipping: no hosts matched');
  };

  const addItem = (event: Told<'item-done'>): void => {
    const known = items.get(event.host);
    const told = itemLine(event, detail, style);
    if (known === undefined) items.set(event.host, [told]);
    else known.push(told);
  };

  const addTask = (record: TaskRecord): void => {
    const task = heldOf(record);
    if (detail.starts) task.starts.push(style.good(startText(record)));
    const done = items.get(record.host) ?? [];
    items.delete(record.host);
    const said = done.length > 0 && !tellsWhole(record);
    const whole = said ? [] : [taskLine(record, detail, style, done.length > 0)];
    const last = done.at(-1);
    if (last && said && record.status === 'ignored') done[done.length - 1] = { ...last, ignored: true };
    const told = [...done, ...whole];
    for (const each of told) if (isShown(each, detail)) task.lines.push(each);
    for (const message of record.warnings ?? []) {
      task.warnings.push(warningText(style, { host: record.host, message }));
    }
    for (const message of record.deprecations ?? []) {
      task.warnings.push(warningText(style, { host: record.host, message }, 'DEPRECATION WARNING'));
    }
    printComplete();
  };

  const addMeta = (event: Told<'meta-done'>): void => {
    const task = heldOf(event, true);
    if (detail.verbosity >= 2) task.starts.push(style.quiet(cleanLine(metaText(event))));
    if (event.skipped) task.lines.push({ host: event.host, status: 'skipped', tail: '', body: '' });
    printComplete();
  };

  const apart = (text: string): void => {
    flush();
    line(text);
  };

  /** The same is told once. */
  const warn = (text: string): void => {
    if (warned.has(text)) return;
    warned.add(text);
    apart(text);
  };

  /** What is told before a task is done, behind what its items have come to until then. */
  const under = (task: TaskName, text: string): void => {
    flush();
    const [key, title] = [hosts.keyOf(task), titleOf(task)];
    const done = items.get(task.host) ?? [];
    items.delete(task.host);
    print(key, { ...nothingTold(), title, lines: done.filter((each) => isShown(each, detail)), bare: false });
    lines([...heading(key, title), text]);
  };

  const tell = (event: RunEvent): void => {
    switch (event.type) {
      case 'run-start':
        beginRun(event);
        break;
      case 'play-start':
        beginPlay(event);
        break;
      case 'host-connected':
        if (detail.verbosity >= 2) {
          line(
            `${cleanLine(event.host)}: connected by ${event.transport}, ${event.warm ? 'warm' : 'cold'}, ${duration(event.durationMs)}`,
          );
        }
        break;
      case 'item-done':
        addItem(event);
        break;
      case 'task-done':
        addTask(event);
        break;
      case 'task-output':
        if (live && detail.verbosity >= 1) {
          apart(
            clean(event.text)
              .trimEnd()
              .replace(/^/gm, `${cleanLine(event.host)} | `),
          );
        }
        break;
      case 'task-says':
        under(event, clean(event.text).trimEnd());
        break;
      case 'task-retry':
        under(event, style.note(retryText(event, detail)));
        break;
      case 'meta-done':
        addMeta(event);
        break;
      case 'no-hosts-left':
        apart(`\n${style.strong(banner('NO MORE HOSTS LEFT'))}`);
        break;
      case 'warning':
        warn(warningText(style, event));
        break;
      case 'run-settled':
        apart(settledText(event, style));
        break;
      case 'host-failed':
        hosts.drop(event.host);
        // A failed task has told its own line.
        if (event.failure.task === undefined) {
          flush();
          writeFailed(whole([style.bad(lostText(event.host, event.failure))]));
        } else printComplete();
        break;
      default:
    }
  };

  return { tell, flush };
}
