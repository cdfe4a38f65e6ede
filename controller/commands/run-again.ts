import { existsSync, type FSWatcher, watch } from 'node:fs';
import { dirname, relative } from 'node:path';
import { createInterface } from 'node:readline';
import { forgetModules } from '../custom/pack.ts';
import { onLeaving } from '../hang-up.ts';
import { cleanLine } from '../report/clean.ts';
import { nameList } from '../report/format.ts';
import { Interrupt } from '../run/hosts/interrupt.ts';
import { noteUsedFiles, stateOf } from '../source/used-files.ts';
import { fail } from './fail.ts';
import { warn } from './warn.ts';

/** Editors write in several steps: what was changed must stay as it is for so long. */
const quietMs = 50;

/** Files that a line names. */
const mostNamed = 4;

type Files = Map<string, string>;

/**
 * Runs, and runs again when a file or folder changes that was used, or a person presses Enter, until a person leaves. What ends a run
 * is printed, and ends this only after Ctrl-C. Gives the exit code of the last run.
 */
export async function runAgain(run: (interrupt: Interrupt) => Promise<number>): Promise<number> {
  let before: readonly string[] = [];
  for (;;) {
    forgetModules();
    const files = noteUsedFiles();
    const interrupt = new Interrupt();
    const exit = await run(interrupt).catch((error: unknown) => fail(error));
    if (interrupt.stopping) return exit;
    const meanwhile = changedOf(files);
    // What changes in each run is changed by the run.
    for (const path of meanwhile) if (before.includes(path)) files.set(path, stateOf(path));
    before = meanwhile;
    const why = await nextReason(files);
    if (why === undefined) return exit;
    say(why);
  }
}

function say(text: string): void {
  process.stderr.write(`\norch: ${cleanLine(text)}\n`);
}

const changedOf = (files: Files): readonly string[] =>
  [...files].filter(([path, state]) => stateOf(path) !== state).map(([path]) => path);

function changedText(paths: readonly string[]): string {
  const short = (path: string): string => {
    const fromHere = relative(process.cwd(), path);
    return fromHere.startsWith('..') || fromHere === '' ? path : fromHere;
  };
  return `changed, so running again: ${nameList(paths.map(short), mostNamed)}`;
}

/** Waits for a reason to run again, and gives it; undefined when a person leaves. */
async function nextReason(files: Files): Promise<string | undefined> {
  const ends: (() => void)[] = [];
  try {
    return await new Promise<string | undefined>((resolve) => {
      ends.push(
        onLeaving(() => resolve(undefined)),
        onLine(resolve),
        onChange(files, (paths) => resolve(changedText(paths))),
      );
      const there = [...files.values()].filter((state) => state !== '').length;
      say(`watching ${there} files and folders; Enter runs again, Ctrl-C ends`);
    });
  } finally {
    for (const end of ends) end();
  }
}

/** A line that comes in, from whomever; the end of a terminal's input is a person who leaves, that of others says nothing. */
function onLine(hear: (why: string | undefined) => void): () => void {
  const lines = createInterface({ input: process.stdin });
  lines.once('line', () => hear('running again'));
  lines.once('close', () => process.stdin.isTTY && hear(undefined));
  return () => lines.close();
}

/** Looks at the files whenever something happens in their folders, and once at first. */
function onChange(files: Files, hear: (paths: readonly string[]) => void): () => void {
  let pending: NodeJS.Timeout | undefined;
  let seen = '';
  const look = (): void => {
    pending = undefined;
    const changed = changedOf(files);
    const now = changed.map((path) => `${path} ${stateOf(path)}`).join('\n');
    if (changed.length > 0 && now === seen) hear(changed);
    else if (changed.length > 0) soon();
    seen = now;
  };
  const soon = (): void => {
    pending ??= setTimeout(look, quietMs);
  };
  const watchers = watchAll(new Set([...files.keys()].flatMap(foldersOf)), soon);
  soon();
  return () => {
    clearTimeout(pending);
    for (const watcher of watchers) watcher.close();
  };
}

/** Where it shows that a file changes: its folder, or what there is of its way; and itself, since a link leads elsewhere. */
function foldersOf(path: string): readonly string[] {
  let folder = dirname(path);
  while (!existsSync(folder)) folder = dirname(folder);
  return existsSync(path) ? [folder, path] : [folder];
}

function watchAll(paths: ReadonlySet<string>, hear: () => void): readonly FSWatcher[] {
  const watchers: FSWatcher[] = [];
  const full = new Set<string>();
  for (const path of paths) {
    try {
      const watcher = watch(path, hear);
      watcher.on('error', hear);
      watchers.push(watcher);
    } catch (error) {
      const { code = '' } = error as NodeJS.ErrnoException;
      // What was taken away in between is seen in its folder, as what can't be read.
      if (code === 'ENOSPC' || code === 'EMFILE') full.add(code);
    }
  }
  warn(
    [...full].map((code) => `not all changes are seen (${code}: the system lets no more be watched): Enter runs again`),
  );
  return watchers;
}
