import type { ErrorCode } from '../../../proto/errors.ts';
import type {
  ExitCode,
  Failure,
  HostSummary,
  ReachCell,
  Report,
  RunEvent,
  RunReport,
  RunSettled,
  TaskRecord,
  TaskStatus,
} from '../types.ts';
import type { RunWhy } from '../why/why-types.ts';
import { withStats } from './custom-stats.ts';
import { KeptTasks } from './kept-tasks.ts';
import { cellKey, latestCells } from './matrix.ts';

type Counts = { -readonly [key in keyof HostSummary]: number };

/** What only the run itself knows. */
export interface RunEnd {
  /** ISO 8601. */
  readonly startedAt: string;
  readonly durationMs: number;
  readonly interrupted: boolean;
}

export interface Collector {
  add(event: RunEvent): void;
  report(end: RunEnd): RunReport;
}

const unreachableCodes: ReadonlySet<string> = new Set<ErrorCode>([
  'host-unreachable',
  'host-key-unknown',
  'host-key-changed',
  'auth-failed',
  'connect-timeout',
  'become-failed',
  'no-runtime',
  'bootstrap-failed',
  'version-skew',
  'connection-lost',
  'not-confirmed',
]);

/** True for the failure of a host that can't be reached. */
export function isUnreachable(code: string): boolean {
  return unreachableCodes.has(code);
}

/** Counted as Ansible counts: a changed or ignored task is also an ok one. */
const counted: Readonly<Record<TaskStatus, readonly (keyof HostSummary)[]>> = {
  ok: ['ok'],
  changed: ['ok', 'changed'],
  failed: ['failed'],
  skipped: ['skipped'],
  unreachable: ['unreachable'],
  rescued: ['rescued'],
  ignored: ['ok', 'ignored'],
};

/** Orders hosts, each with what is known of it, as recaps have them. */
export function byName([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a.localeCompare(b, 'en', { numeric: true });
}

function noCounts(): Counts {
  return { ok: 0, changed: 0, failed: 0, skipped: 0, unreachable: 0, rescued: 0, ignored: 0 };
}

/** True when a cell has an expectation that was not met; `error` meets none. */
export function isUnexpected(cell: ReachCell): boolean {
  return cell.expected !== null && cell.observed !== cell.expected;
}

/** A task that failed and was ignored may have changed the host all the same, and is counted as such. */
function hasChanged({ result }: TaskRecord): boolean {
  return typeof result === 'object' && result !== null && 'changed' in result && result.changed === true;
}

function failureOf(record: TaskRecord): Failure {
  return {
    code: record.status === 'unreachable' ? 'host-unreachable' : 'task-failed',
    summary: record.message ?? 'the task failed',
    task: record.task,
    at: record.at,
  };
}

/** A host that dropped out counts once, whether or not a task of its own said so. */
function settle(counts: Counts, failure: Failure | undefined): HostSummary {
  if (!failure || failure.code === 'interrupted' || counts.failed + counts.unreachable > 0) return counts;
  return isUnreachable(failure.code) ? { ...counts, unreachable: 1 } : { ...counts, failed: 1 };
}

function exitCode(isLost: boolean, cells: readonly ReachCell[], interrupted: boolean): ExitCode {
  if (interrupted) return 130;
  if (isLost) return 2;
  return cells.some(isUnexpected) ? 3 : 0;
}

/** The cells, each with the first fault on its way. */
function withVerdicts(cells: readonly ReachCell[], { verdicts }: RunWhy): readonly ReachCell[] {
  const faults = new Map(
    verdicts.flatMap(({ cells: found, alike }, index) => [...found, ...alike].map((cell) => [cellKey(cell), index])),
  );
  const latest = new Set(latestCells(cells));
  return cells.map((cell) => {
    const verdict = latest.has(cell) ? faults.get(cellKey(cell)) : undefined;
    return verdict === undefined ? cell : { ...cell, verdict };
  });
}

/** Adds up a run's events; the report can be asked for at any time, so that an interrupted run has one too. */
export function createCollector(): Collector {
  let start: Extract<RunEvent, { type: 'run-start' }> | undefined;
  const counts = new Map<string, Counts>();
  const failures = new Map<string, Failure>();
  /** Hosts whose failures were not cleared. */
  const lost = new Set<string>();
  const tasks = new KeptTasks();
  const cells: ReachCell[] = [];
  let settled: RunSettled | undefined;
  let stats: Report['stats'];
  let why: RunWhy | undefined;

  const countsOf = (host: string): Counts => {
    const known = counts.get(host) ?? noCounts();
    counts.set(host, known);
    return known;
  };

  const addTask = (record: TaskRecord): void => {
    tasks.add({ ...record, durationMs: Math.round(record.durationMs * 1000) / 1000 });
    const host = countsOf(record.host);
    for (const key of counted[record.status]) host[key] += 1;
    if (record.status === 'ignored' && hasChanged(record)) host.changed += 1;
    if (record.status === 'ok') host.ok += (record.included ?? 1) - 1;
    if (record.status !== 'failed' && record.status !== 'unreachable') return;
    lost.add(record.host);
    if (!failures.has(record.host)) failures.set(record.host, failureOf(record));
  };

  // What the run says about a host's end knows more than the task's record, whichever of both comes first.
  const addFailure = (host: string, failure: Failure): void => {
    countsOf(host);
    lost.add(host);
    const known = failures.get(host);
    if (!known || known.task === failure.task) failures.set(host, { ...known, ...failure });
  };

  return {
    add: (event) => {
      if (event.type === 'run-start') {
        start = event;
        for (const host of event.hosts) countsOf(host);
      } else if (event.type === 'task-done') {
        const { type: _, ...record } = event;
        addTask(record);
      } else if (event.type === 'host-failed') addFailure(event.host, event.failure);
      else if (event.type === 'host-ended') lost.add(event.host);
      else if (event.type === 'errors-cleared') for (const host of event.hosts) lost.delete(host);
      else if (event.type === 'run-settled') {
        const { type: _, ...rest } = event;
        settled = rest;
      } else if (event.type === 'stats') stats = withStats(stats, event.stats);
      else if (event.type === 'why-done') why = event.why;
      else if (event.type === 'reach-done') cells.push(...event.cells);
    },
    report: (end) => {
      const hosts = [...counts].sort(byName).map(([name, host]) => [name, settle(host, failures.get(name))] as const);
      const interrupted = end.interrupted || [...failures.values()].some(({ code }) => code === 'interrupted');
      return {
        version: 1,
        lab: start?.lab ?? '',
        run: start?.run ?? '',
        playbook: start?.playbook ?? '',
        inventory: start?.inventory ?? '',
        check: start?.check ?? false,
        startedAt: end.startedAt,
        durationMs: end.durationMs,
        exit: exitCode(lost.size > 0, cells, interrupted),
        hosts: Object.fromEntries(hosts.map(([name, host]) => [name, { ...host }])),
        failures: Object.fromEntries(failures),
        tasks,
        reach: why === undefined ? [...cells] : withVerdicts(cells, why),
        ...(stats === undefined ? {} : { stats }),
        ...(why === undefined ? {} : { why }),
        ...(settled === undefined ? {} : { settled }),
      };
    },
  };
}
