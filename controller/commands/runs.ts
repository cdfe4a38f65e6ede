import type { Argv } from 'yargs';
import { OrchError } from '../../proto/errors.ts';
import { runsDir } from '../paths.ts';
import { findRun, readRun, runNames } from '../record/read.ts';
import { safeJson } from '../report/clean.ts';
import { matrixText } from '../report/run/matrix-text.ts';
import { recapText } from '../report/run/recap.ts';
import { runSummary, runsText } from '../report/runs-text.ts';
import { createStyle } from '../report/style.ts';
import { runWhyText } from '../report/why/run-why-text.ts';
import { outputOption } from './given-options.ts';
import { ownTerminal } from './own-terminal.ts';
import type { Args } from './read-options.ts';

export function options(yargs: Argv): Argv {
  return yargs
    .positional('action', { choices: ['list', 'show'] as const, default: 'list' })
    .positional('run', { type: 'string', default: 'last', describe: 'for show: a run, a part of its name, or last' })
    .option('output', outputOption)
    .epilogue('Runs are recorded in .orch/runs of this directory.');
}

/** Lists the runs recorded here, or shows one of them again. */
export async function execute(args: Args): Promise<number> {
  const terminal = ownTerminal();
  const style = createStyle(terminal.color);
  const json = args.output === 'json';
  if (args.action === 'show') {
    const run = findRun(runsDir(), String(args.run));
    const report = readRun(runsDir(), run);
    if (!report) throw new OrchError({ code: 'invalid-option', summary: `the run ${run} left nothing to show` });
    const matrix = matrixText(report.reach, terminal.columns(), style);
    const why = report.why === undefined ? '' : runWhyText(report.why, terminal.columns(), style);
    const sections = [matrix, why, recapText(report, style)].filter((section) => section !== '');
    terminal.write(json ? `${safeJson(report, 2)}\n` : sections.join('\n'));
    return 0;
  }
  const runs = runNames(runsDir()).flatMap((run) => readRun(runsDir(), run) ?? []);
  const summaries = runs.map(runSummary);
  terminal.write(json ? `${safeJson(summaries, 2)}\n` : runsText(summaries, style));
  return 0;
}
