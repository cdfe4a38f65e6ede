import { readdirSync, readFileSync, realpathSync } from 'node:fs';
import { basename, join } from 'node:path';
import { OrchError } from '../../proto/errors.ts';
import { readDataJson } from '../../proto/exact-json.ts';
import { createCollector } from '../report/run/collect.ts';
import { latestCells } from '../report/run/matrix.ts';
import { readReport } from '../report/run/report-json.ts';
import type { ReachCell, Report, RunEvent } from '../report/types.ts';

type Stamped = RunEvent & { readonly time: string };

const namePattern = /^\d{8}T\d{6}\.\d{3}Z-[\w.-]+$/;

/** Recorded runs, newest first; nothing when there is no such folder. */
export function runNames(runs: string): readonly string[] {
  try {
    return readdirSync(runs)
      .filter((name) => namePattern.test(name))
      .sort()
      .reverse();
  } catch {
    return [];
  }
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

/** Events up to where the file ends; the last line of a killed run may be cut. */
function readEvents(folder: string): readonly Stamped[] {
  const events: Stamped[] = [];
  for (const line of (readText(join(folder, 'events.ndjson')) ?? '').split('\n')) {
    try {
      if (line !== '') events.push(readDataJson(line) as Stamped);
    } catch {
      break;
    }
  }
  return events;
}

/** What can still be said of a run that never wrote its report: it counts as interrupted. */
function rebuild(folder: string): Report | undefined {
  const events = readEvents(folder);
  const [first] = events;
  if (!first) return undefined;
  const collector = createCollector();
  for (const event of events) collector.add(event);
  const durationMs = Date.parse(events.at(-1)?.time ?? first.time) - Date.parse(first.time);
  return readReport(collector.report({ startedAt: first.time, durationMs, interrupted: true }));
}

function parsed(text: string): Report | undefined {
  try {
    return readDataJson(text) as Report;
  } catch {
    // Cut short, or not ours: the events tell.
    return undefined;
  }
}

/** A run's report; undefined when its folder holds nothing of use. */
export function readRun(runs: string, run: string): Report | undefined {
  const text = readText(join(runs, run, 'report.json'));
  return (text === undefined ? undefined : parsed(text)) ?? rebuild(join(runs, run));
}

/** The run that a person named: `last`, a whole name, or a part of one name only. Throws OrchError 'invalid-option'. */
export function findRun(runs: string, wanted: string): string {
  const names = runNames(runs);
  const [newest] = names;
  if (wanted === 'last' && newest !== undefined) return lastRun(runs) ?? newest;
  if (names.includes(wanted)) return wanted;
  if (newest === undefined) {
    const hint =
      'Runs are recorded in the folder that they are started in; commands about a lab also take --lab, or its playbook.';
    throw new OrchError({ code: 'invalid-option', summary: `no run is recorded in ${runs}`, hint });
  }
  const matches = names.filter((name) => name.includes(wanted));
  const [match] = matches;
  if (match !== undefined && matches.length === 1) return match;
  throw new OrchError({
    code: 'invalid-option',
    summary: matches.length > 1 ? `"${wanted}" names ${matches.length} runs` : `no run "${wanted}" in ${runs}`,
    detail: matches.slice(0, 5).join('\n'),
    hint: 'orch runs lists them',
  });
}

function lastRun(runs: string): string | undefined {
  try {
    return basename(realpathSync(join(runs, 'last')));
  } catch {
    return undefined;
  }
}

/** The matrix of the lab's last run that measured one, check mode left out; nothing when none is recorded. */
export function lastMatrix(runs: string, lab: string): readonly ReachCell[] {
  for (const name of runNames(runs)) {
    const report = readRun(runs, name);
    if (report?.lab === lab && !report.check && report.reach.length > 0) return latestCells(report.reach);
  }
  return [];
}
