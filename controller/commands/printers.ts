import { settings } from '../config/settings.ts';
import { cleanLine } from '../report/clean.ts';
import { createHostPrinter } from '../report/run/host-result.ts';
import { createPlaysPrinter } from '../report/run/plays-json.ts';
import { createPrinter } from '../report/run/printer.ts';
import type { RunEvent } from '../report/types.ts';
import { ownTerminal } from './own-terminal.ts';
import type { RunCommandOptions } from './run-options.ts';

const write = (text: string): unknown => process.stdout.write(text);
const writeError = (text: string): unknown => process.stderr.write(text);

/** What prints a run as the callback of this name does, by the settings. */
export function printerOf(
  callback: string,
  { output, verbosity }: Pick<RunCommandOptions, 'output' | 'verbosity'>,
): (event: RunEvent) => void {
  const said = settings();
  const look = { format: said.resultFormat, context: said.diffContext, pretty: said.prettyResults };
  if (output === 'text' && (callback === 'minimal' || callback === 'oneline')) {
    return createHostPrinter(write, writeError, { ...look, oneLine: callback === 'oneline' });
  }
  if (output === 'text' && callback === 'json') return createPlaysPrinter(write, writeError, said.showCustomStats);
  return createPrinter({
    ...look,
    output,
    verbosity,
    customStats: said.showCustomStats,
    skipped: said.displaySkippedHosts,
    ok: said.displayOkHosts,
    format: callback === 'yaml' ? 'yaml' : said.resultFormat,
    markers: said.checkModeMarkers,
    starts: said.showHostStart,
    places: said.showTaskPath,
    terminal: ownTerminal(),
    writeFailed: said.displayFailedStderr ? writeError : undefined,
  });
}

/** Which ansible.cfg counts, as -v tells it. */
export function configLine(file: string | undefined): string {
  return `${file === undefined ? 'No config file found; using defaults' : cleanLine(`Using ${file} as config file`)}\n`;
}
