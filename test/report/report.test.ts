import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { createCollector } from '../../controller/report/run/collect.ts';
import { matrixText } from '../../controller/report/run/matrix-text.ts';
import { createPrinter, type PrinterOptions } from '../../controller/report/run/printer.ts';
import { recapText } from '../../controller/report/run/recap.ts';
import { readReport } from '../../controller/report/run/report-json.ts';
import { createStyle } from '../../controller/report/style.ts';
import type { RunEvent, RunReport, TaskRecord } from '../../controller/report/types.ts';
import { runWhyText } from '../../controller/report/why/run-why-text.ts';
import { foldersIn } from '../folders.ts';
import { plainTerminal } from './plain-terminal.ts';

// A case is a folder: events.yml and, of report.json, recap.txt, matrix.txt, plain.txt, verbose.txt and why-80.txt, what must come of it.
const cases = foldersIn(import.meta.dirname);
const style = createStyle(false);

function collected(events: readonly RunEvent[]): RunReport {
  const collector = createCollector();
  for (const event of events) collector.add(event);
  return collector.report({ startedAt: '2026-11-24T06:48:03.000Z', durationMs: 1240, interrupted: false });
}

function printed(events: readonly RunEvent[], report: RunReport, shown: Partial<PrinterOptions> = {}): string {
  let text = '';
  const write = (more: string) => {
    text += more;
  };
  const terminal = plainTerminal(write, { columns: () => 100 });
  const print = createPrinter({ output: 'text', verbosity: 0, ...shown, terminal });
  for (const event of [...events, { type: 'run-end', report } as const]) print(event);
  return text;
}

describe.each(cases)('%s', (name) => {
  const path = (file: string) => join(import.meta.dirname, name, file);
  const events = parse(readFileSync(path('events.yml'), 'utf8'), { merge: true }) as RunEvent[];
  const report = collected(events);
  const outputs: Readonly<Record<string, () => string>> = {
    'recap.txt': () => recapText(report, style),
    'matrix.txt': () => matrixText(report.reach, 100, style),
    'plain.txt': () => printed(events, report),
    'unskipped.txt': () => printed(events, report, { skipped: false }),
    'changes.txt': () => printed(events, report, { ok: false }),
    'verbose.txt': () => printed(events, report, { verbosity: 1 }),
    'very-verbose.txt': () => printed(events, report, { verbosity: 3 }),
    'told.txt': () => printed(events, report, { markers: true, starts: true, places: true }),
    'places.txt': () => printed(events, report, { verbosity: 2 }),
    'without-failures.txt': () => printed(events, report, { writeFailed: () => {} }),
    'pretty.txt': () => printed(events, report, { pretty: true }),
    'yaml.txt': () => printed(events, report, { format: 'yaml' }),
    'why-80.txt': () => (report.why === undefined ? '' : runWhyText(report.why, 80, style)),
  };
  const wanted = ['report.json', ...Object.keys(outputs)].filter((file) => existsSync(path(file)));

  test.each(wanted)('%s', (file) => {
    const wantedText = readFileSync(path(file), 'utf8');
    if (file.endsWith('.json')) expect(readReport(report)).toEqual(JSON.parse(wantedText));
    else expect(outputs[file]?.()).toBe(wantedText);
  });
});

test('the records of a long run are kept, in order', () => {
  const records: readonly TaskRecord[] = Array.from({ length: 2500 }, (_, index) => ({
    ...{ host: `h${index}`, play: 'all', task: 'say', module: 'debug', status: 'ok', durationMs: index },
    ...{ at: { file: 'long.yml', line: 1, column: 1 }, message: 'one\ntwo \u2028 \u001b[1m' },
  }));
  const report = collected(records.map((record) => ({ type: 'task-done', ...record })));
  expect(readReport(report).tasks).toEqual(records);
});
