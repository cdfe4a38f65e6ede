import { randomUUID } from 'node:crypto';
import { resolve } from 'node:path';
import type { FilePlace } from '../../../proto/errors.ts';
import { isDataMapping } from '../../template/python/atom.ts';
import { cleanLine, toldJson } from '../clean.ts';
import { sorted } from '../sorted.ts';
import type { Change, Changes, HostSummary, RunEvent, RunReport, TaskRecord } from '../types.ts';
import { TaskRounds } from './task-rounds.ts';

interface Timed {
  readonly id: string;
  readonly name: string;
  readonly path?: string;
  readonly duration: { readonly start: string; end?: string };
}

interface PlayOfTasks {
  readonly play: Timed;
  readonly tasks: { readonly task: Timed; readonly hosts: Record<string, unknown> }[];
}

function timed(name: string, at: FilePlace | undefined, start: string): Timed {
  const path = at && `${resolve(at.file)}:${at.line}`;
  return { id: randomUUID(), name, ...(path === undefined ? {} : { path }), duration: { start } };
}

/** What a host's part of a task came to, as the callback `json` has it. */
function hostPart(record: TaskRecord): Record<string, unknown> {
  const { module, result, status } = record;
  const { failed: _, skipped, ...rest } = isDataMapping(result) ? result : {};
  const said = {
    ...(['failed', 'rescued', 'ignored'].includes(status) ? { failed: true } : {}),
    ...(skipped === true ? { skipped } : {}),
    // Of a loop the items have theirs.
    ...(record.diff && !('results' in rest) ? { diff: partsOf(record.diff) } : {}),
  };
  return { ...rest, ...said, action: module, _ansible_no_log: 'censored' in rest };
}

/** What --diff asks for, under the names that results have it by. */
function partsOf({ more = [], ...first }: Changes): readonly Record<string, unknown>[] {
  return [first, ...more].map(({ path, afterPath, ...texts }: Change) => ({
    ...texts,
    ...(path === undefined ? {} : { before_header: path }),
    ...(afterPath === undefined ? {} : { after_header: afterPath }),
  }));
}

function statsOf({ hosts }: RunReport): Record<string, unknown> {
  const counts = ({ failed, ...rest }: HostSummary) => ({ ...rest, failures: failed });
  return Object.fromEntries(Object.entries(hosts).map(([host, summary]) => [host, counts(summary)]));
}

/** Prints a run as ansible.posix.json does: plays, their tasks, and the results of hosts, once, at the end; `warn` takes warnings. */
export function createPlaysPrinter(
  write: (text: string) => void,
  warn: (text: string) => void,
  customStats: boolean,
  now = () => new Date().toISOString(),
): (event: RunEvent) => void {
  const plays: PlayOfTasks[] = [];
  const rounds = new TaskRounds<PlayOfTasks['tasks'][number]>();

  const addTask = (record: TaskRecord): void => {
    const play = plays.at(-1);
    if (!play) return;
    const found = rounds.of(record, () => {
      const start = new Date(Date.parse(now()) - record.durationMs).toISOString();
      const begun = { task: timed(record.task, record.at, start), hosts: {} };
      play.tasks.push(begun);
      return begun;
    });
    found.hosts[record.host] = hostPart(record);
    found.task.duration.end = now();
    play.play.duration.end = now();
  };

  return (event) => {
    if (event.type === 'play-start') {
      rounds.clear();
      plays.push({ play: timed(event.play, event.at, now()), tasks: [] });
    } else if (event.type === 'task-done') addTask(event);
    else if (event.type === 'warning') warn(`[WARNING]: ${cleanLine(event.message)}\n`);
    else if (event.type === 'run-end') {
      const stats = customStats ? event.report.stats : undefined;
      const custom = { custom_stats: stats?.hosts ?? {}, global_custom_stats: stats?.run ?? {} };
      write(`${toldJson(sorted({ ...custom, plays, stats: statsOf(event.report) }), 4)}\n`);
    }
  };
}
