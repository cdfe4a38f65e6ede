import { banner } from '../format.ts';
import { createStyle } from '../style.ts';
import type { Terminal } from '../terminal.ts';
import type { RunEvent } from '../types.ts';
import { runWhyText } from '../why/run-why-text.ts';
import { statsText } from './custom-stats.ts';
import { createLiveView, type LiveView } from './live.ts';
import { matrixText } from './matrix-text.ts';
import { createNarrator } from './narrator.ts';
import { createPlainView } from './plain-view.ts';
import { createProgress } from './progress.ts';
import { recapText } from './recap.ts';
import { reportJson } from './report-json.ts';
import type { Detail } from './result-text.ts';

export interface PrinterOptions extends Detail {
  /** json: nothing but the report, once, at the end. */
  readonly output: 'text' | 'json';
  /** Show what set_stats told. */
  readonly customStats?: boolean;
  readonly terminal: Terminal;
  /** Takes the lines of failures, where they go elsewhere and nothing is drawn over. */
  readonly writeFailed?: ((text: string) => void) | undefined;
}

/** Prints a run while it happens and its recap at the end; feed it every event of the run in order. */
export function createPrinter({
  output,
  customStats,
  terminal,
  writeFailed,
  ...detail
}: PrinterOptions): (event: RunEvent) => void {
  if (output === 'json') {
    return (event) => {
      if (event.type === 'run-end') for (const piece of reportJson(event.report)) terminal.write(piece);
    };
  }
  const style = createStyle(terminal.color);
  const progress = createProgress(Date.now());
  // Verbose logs share the terminal through stderr and would tear a live view.
  const createView = terminal.live && detail.verbosity === 0 ? createLiveView : createPlainView;
  const view: LiveView = createView(terminal, (most) => progress.lines(Date.now(), most));
  // What programs read has a line for each host.
  const alone = terminal.live ? 4 : Number.POSITIVE_INFINITY;
  const failures = terminal.live ? undefined : writeFailed;
  const { live } = terminal;
  const narrator = createNarrator({ write: view.print, writeFailed: failures, style, detail, live, alone });
  const dryRun = `\n${style.strong(banner('DRY RUN'))}\n`;
  const isMarked = (check: boolean) => check && detail.markers;
  // Held for its task's own line, so that it stands below that.
  let matrix = '';
  const printMatrix = (): void => {
    narrator.flush();
    if (matrix !== '') view.print(`\n${matrix}`);
    matrix = '';
  };

  return (event) => {
    progress.add(event, Date.now());
    narrator.tell(event);
    if (event.type === 'typing') view.hold(event.begins);
    if (event.type === 'run-start' && isMarked(event.check)) view.print(dryRun);
    if (event.type === 'reach-done') matrix += matrixText(event.cells, terminal.columns(), style);
    else if (event.type === 'task-done' && event.module === 'reach') printMatrix();
    else if (event.type === 'why-done') {
      printMatrix();
      view.print(`\n${runWhyText(event.why, terminal.columns(), style)}`);
    } else if (event.type === 'run-end') {
      printMatrix();
      view.end();
      terminal.write(`\n${recapText(event.report, style)}`);
      if (customStats && event.report.stats) terminal.write(`\n${statsText(event.report.stats)}`);
      if (isMarked(event.report.check)) terminal.write(dryRun);
    }
  };
}
