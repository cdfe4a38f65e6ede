import type { HostSummary, Report, RunEvent } from '../types.ts';
import { byName } from './collect.ts';
import { withStats } from './custom-stats.ts';

function sum(before: HostSummary | undefined, now: HostSummary): HostSummary {
  const total: { -readonly [key in keyof HostSummary]: number } = { ...now };
  for (const key of Object.keys(total) as (keyof HostSummary)[]) total[key] += before?.[key] ?? 0;
  return total;
}

/** What recaps tell of playbooks that run one after the other: as in Ansible each counts those before it, too. */
export class Totals {
  readonly #hosts = new Map<string, HostSummary>();
  #stats: Report['stats'];

  /** An event of one of them, as a person hears it. */
  of(event: RunEvent): RunEvent {
    if (event.type === 'stats') this.#stats = withStats(this.#stats, event.stats);
    if (event.type !== 'run-end') return event;
    const { report } = event;
    for (const [host, counts] of Object.entries(report.hosts))
      this.#hosts.set(host, sum(this.#hosts.get(host), counts));
    const stats = this.#stats ? { stats: this.#stats } : {};
    return {
      ...event,
      report: { ...report, hosts: Object.fromEntries([...this.#hosts].sort(byName)), ...stats },
    };
  }
}
