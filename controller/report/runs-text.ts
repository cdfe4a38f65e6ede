import { cleanLine } from './clean.ts';
import { duration } from './format.ts';
import type { Style } from './style.ts';
import type { Report } from './types.ts';
import { pad, widest } from './width.ts';

/** One recorded run in the list of them. */
export interface RunSummary {
  readonly run: string;
  readonly lab: string;
  readonly startedAt: string;
  readonly durationMs: number;
  readonly exit: number;
  readonly hosts: number;
  readonly changed: number;
  readonly check: boolean;
}

export function runSummary(report: Report): RunSummary {
  const { run, lab, startedAt, durationMs, exit, check } = report;
  const hosts = Object.values(report.hosts);
  return {
    run,
    lab,
    startedAt,
    durationMs,
    exit,
    hosts: hosts.length,
    changed: hosts.reduce((sum, host) => sum + host.changed, 0),
    check,
  };
}

/** Rows with blanks between columns, each column as wide as its widest cell that is of a usual length. */
export function columnsText(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => widest(rows.map((row) => row[column] ?? '')));
  return rows.map((row) =>
    row
      .map((cell, column) => pad(cell, widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

/** The list of runs, as they are given. */
export function runsText(runs: readonly RunSummary[], style: Style): string {
  if (runs.length === 0) return 'no runs recorded here\n';
  const rows = runs.map((run) => [
    cleanLine(run.run),
    cleanLine(run.lab),
    String(run.exit),
    String(run.hosts),
    run.check ? '(check)' : String(run.changed),
    duration(run.durationMs),
  ]);
  const [head = '', ...lines] = columnsText([['RUN', 'LAB', 'EXIT', 'HOSTS', 'CHANGED', 'TIME'], ...rows]);
  const painted = lines.map((line, index) => (runs[index]?.exit === 0 ? line : style.bad(line)));
  return `${[style.strong(head), ...painted].join('\n')}\n`;
}
