import { cleanLine } from '../clean.ts';
import { count, duration } from '../format.ts';
import type { RunEvent, TaskStatus } from '../types.ts';

interface Working {
  /** As it was told, as all that waits to be drawn. */
  readonly task: string;
  readonly since: number;
}

export interface Progress {
  add(event: RunEvent, now: number): void;
  /** The state as lines without colours, at most `most` of them. */
  lines(now: number, most: number): readonly string[];
}

const blocked: readonly TaskStatus[] = ['failed', 'unreachable'];

/** Who is at what right now, for the live view. */
export function createProgress(startedAt: number): Progress {
  const working = new Map<string, Working>();
  const doing = new Map<string, string>();
  const hosts = new Set<string>();
  const connected = new Set<string>();
  let done = 0;
  let changed = 0;
  let failed = 0;

  const line = (host: string, width: number, now: number): string => {
    const work = working.get(host);
    const output = cleanLine(doing.get(host) ?? '');
    const since = work && now - work.since >= 1000 ? `  ${duration(now - work.since)}` : '';
    return `  ${host.padEnd(width)}  ${cleanLine(work?.task ?? '')}${since}${output ? `  ${output}` : ''}`;
  };

  return {
    add: (event, now) => {
      if (event.type === 'run-start') for (const host of event.hosts) hosts.add(host);
      else if (event.type === 'host-connected') connected.add(event.host);
      else if (event.type === 'task-start') {
        working.set(event.host, { task: event.task, since: now });
        doing.delete(event.host);
      } else if (event.type === 'task-output') {
        doing.set(event.host, event.text.trimEnd().split('\n').at(-1) ?? '');
      } else if (event.type === 'item-done') doing.set(event.host, event.label);
      else if (event.type === 'task-done') {
        working.delete(event.host);
        done++;
        if (event.status === 'changed') changed++;
        if (blocked.includes(event.status)) failed++;
      } else if (event.type === 'host-failed') working.delete(event.host);
    },
    lines: (now, most) => {
      const oldest = [...working].sort(([, a], [, b]) => a.since - b.since).map(([host]) => host);
      const shown = oldest.length > most - 1 ? oldest.slice(0, Math.max(0, most - 2)) : oldest;
      const width = Math.max(0, ...shown.map((host) => host.length));
      const rest = oldest.length - shown.length;
      const reached = connected.size < hosts.size ? `connected to ${connected.size} of ` : '';
      return [
        `${duration(now - startedAt)}  ${reached}${count(hosts.size, 'host')}  ${done} done, ${changed} changed, ${failed} failed`,
        ...shown.map((host) => line(host, width, now)),
        ...(rest > 0 && most > 1 ? [`  and ${count(rest, 'host')} more at work`] : []),
      ];
    },
  };
}
