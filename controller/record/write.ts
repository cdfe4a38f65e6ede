import { closeSync, lstatSync, mkdirSync, openSync, renameSync, rmSync, symlinkSync, writeSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { OrchError } from '../../proto/errors.ts';
import { exactJson } from '../../proto/exact-json.ts';
import { others, requireOwn } from '../ownership.ts';
import { boundedJson } from '../report/run/bounded-json.ts';
import { reportJson } from '../report/run/report-json.ts';
import type { RunEvent, RunReport } from '../report/types.ts';
import { runNames } from './read.ts';

/** A run's folder while the run goes on. */
export interface RunRecord {
  /** The run's id: the folder's name. */
  readonly run: string;
  readonly folder: string;
  /** ISO 8601. */
  readonly startedAt: string;
  /** Appends one line to events.ndjson. */
  write(event: RunEvent): void;
  /** Writes report.json, once. */
  end(report: RunReport): void;
}

const keep = 200;
/**
 * As much of what the programs of a host, and of all, print while they run is recorded: their results tell it, and one that never
 * ends would fill the disk.
 */
const mostOutput = { host: 4 * 1024 * 1024, run: 64 * 1024 * 1024 };

/** Characters that are written without waiting for more. */
const atOnce = 16 * 1024 * 1024;

function runName(lab: string, now: Date): string {
  const time = now.toISOString().replace(/[-:]/g, '');
  return `${time}-${lab.replace(/[^\w.-]+/g, '_').slice(0, 60) || 'lab'}`;
}

function makeFolder(runs: string, lab: string): { run: string; startedAt: string } {
  for (let now = Date.now(); ; now++) {
    const run = runName(lab, new Date(now));
    try {
      mkdirSync(join(runs, run), { mode: 0o700 });
      return { run, startedAt: new Date(now).toISOString() };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
}

function pointLast(runs: string, run: string): void {
  const temporary = join(runs, `.last-${process.pid}`);
  rmSync(temporary, { force: true });
  symlinkSync(run, temporary);
  renameSync(temporary, join(runs, 'last'));
}

/** Writes a new private file. */
function writePieces(path: string, pieces: Iterable<string>): void {
  const file = openSync(path, 'w', 0o600);
  try {
    for (const piece of pieces) writeSync(file, piece);
  } finally {
    closeSync(file);
  }
}

/**
 * Opens the record of a new run: `<runs>/<time>-<lab>/`, private, `last` pointing to it; the oldest beyond 200 go.
 * Events are on disk within one turn of the event loop, so a killed run leaves a readable file.
 * Throws OrchError 'record-failed' when the folder cannot be written, 'unsafe-file' when others may write there.
 */
export function openRunRecord(runs: string, lab: string): RunRecord {
  try {
    return openIn(runs, lab);
  } catch (error) {
    if (error instanceof OrchError) throw error;
    throw new OrchError({
      code: 'record-failed',
      summary: `the run's record cannot be written in ${runs}`,
      detail: String(error),
      hint: 'start orch in a directory that you may write to',
      cause: error,
    });
  }
}

/** Whoever may write where a record goes could put links in its place, in a folder that several share. */
function requireOwnFolders(runs: string): void {
  requireOwn(runs, lstatSync(runs), others.writing);
  const parent = lstatSync(dirname(runs));
  // Where the sticky bit is set, others cannot rename it away.
  if ((parent.mode & 0o1000) === 0) requireOwn(dirname(runs), parent, others.writing);
}

function openIn(runs: string, lab: string): RunRecord {
  mkdirSync(runs, { recursive: true, mode: 0o700 });
  requireOwnFolders(runs);
  const { run, startedAt } = makeFolder(runs, lab);
  const folder = join(runs, run);
  const file = openSync(join(folder, 'events.ndjson'), 'a', 0o600);
  pointLast(runs, run);
  // The run does not wait for it, and the next one does what is left of it.
  for (const old of runNames(runs).slice(keep)) rm(join(runs, old), { recursive: true, force: true }).catch(() => {});

  // A full disk must not end the run: it is said once, and the run goes on without a record.
  let broken = false;
  const attempt = (write: () => void): void => {
    try {
      if (!broken) write();
    } catch (error) {
      broken = true;
      process.stderr.write(`orch: warning: the run's record in ${folder} is cut short: ${String(error)}\n`);
    }
  };

  const output = { host: new Map<string, number>(), run: 0 };
  let lines = '';
  let due: NodeJS.Immediate | undefined;
  const flush = (): void => {
    clearImmediate(due);
    due = undefined;
    const text = lines;
    lines = '';
    if (text !== '') attempt(() => writeSync(file, text));
  };

  return {
    run,
    folder,
    startedAt,
    write: (event) => {
      if (event.type === 'task-output') {
        const of = {
          host: (output.host.get(event.host) ?? 0) + event.text.length,
          run: output.run + event.text.length,
        };
        if (of.host > mostOutput.host || of.run > mostOutput.run) return;
        output.host.set(event.host, of.host);
        output.run = of.run;
      }
      // The report has its own file.
      const kept = event.type === 'run-end' ? { type: event.type, exit: event.report.exit } : event;
      lines += `${boundedJson({ time: new Date().toISOString(), ...kept }, exactJson)}\n`;
      if (lines.length > atOnce) flush();
      else due ??= setImmediate(flush);
    },
    end: (report) => {
      flush();
      closeSync(file);
      attempt(() => {
        const temporary = join(folder, '.report.json');
        writePieces(temporary, reportJson(report));
        renameSync(temporary, join(folder, 'report.json'));
      });
    },
  };
}
