import { runsDir } from '../paths.ts';
import { openRunRecord } from '../record/write.ts';
import { createCollector } from '../report/run/collect.ts';
import type { RunEvent, RunReport } from '../report/types.ts';
import { hiddenEvent } from './hidden-event.ts';

/** What listens to a run: its record, the terminal and the report. */
export interface Session {
  /** The run's id. */
  readonly run: string;
  readonly emit: (event: RunEvent) => void;
  /** The report of what was told so far. */
  report(interrupted: boolean): RunReport;
  /** Tells that the run has ended and writes its report. */
  end(report: RunReport): void;
}

/** Opens a run's record; `print` is given each event. */
export function openSession(lab: string, print: (event: RunEvent) => void): Session {
  const record = openRunRecord(runsDir(), lab);
  const collector = createCollector();
  const startedAt = performance.now();
  const emit = (told: RunEvent): void => {
    const event = hiddenEvent(told);
    collector.add(event);
    record.write(event);
    print(event);
  };
  return {
    run: record.run,
    emit,
    report: (interrupted) =>
      collector.report({
        startedAt: record.startedAt,
        durationMs: Math.round(performance.now() - startedAt),
        interrupted,
      }),
    end: (report) => {
      // Made of events that hold no secrets any more.
      const event = { type: 'run-end', report } as const;
      record.write(event);
      print(event);
      record.end(report);
    },
  };
}
