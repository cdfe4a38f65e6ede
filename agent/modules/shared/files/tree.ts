import { OrchError } from '../../../../proto/errors.ts';
import type { FileState, Host } from '../../../linux/host.ts';
import { taskFailed } from '../programs.ts';
import { folderAbove } from './folder-above.ts';
import { judgedEnd } from './links.ts';
import { folderOf, joined } from './path.ts';

/** Something in the file system. `content`: of small files, when it was asked for. */
export interface Entry {
  readonly path: string;
  readonly state: FileState;
  readonly content?: Buffer | undefined;
}

/** More entries than this in one task are a mistake, or a job for another tool. */
const mostEntries = 20_000;

/** The entry and all below it, folders before what is in them; with `follow` also what symbolic links lead to, each once. */
export async function readTree(host: Host, path: string, keptBytes = 0, follow = false): Promise<readonly Entry[]> {
  const entries: Entry[] = [];
  let left = keptBytes;
  const pending = [path];
  const seen = new Set<string>();
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const state = await host.stat(next);
    if (state === undefined || (follow && seen.has(state.inode ?? next))) continue;
    seen.add(state.inode ?? next);
    const content = state.kind === 'file' && state.size <= left ? await host.readFile(next) : undefined;
    left -= content?.length ?? 0;
    entries.push({ path: next, state, content });
    if (entries.length > mostEntries) {
      throw new OrchError({
        code: 'task-failed',
        summary: `There are more than ${mostEntries} files below ${path}.`,
        hint: 'Use command for this.',
      });
    }
    const end = follow && state.kind === 'symlink' ? await judgedEnd(host, next) : undefined;
    // A user's link to what is not that user's is passed over.
    if (end !== undefined && end.stray === undefined) pending.push(end.path);
    const folder = next;
    if (state.kind === 'directory') {
      pending.push(...((await host.readDir(folder)) ?? []).map((name) => joined(folder, name)).reverse());
    }
  }
  return entries;
}

/** Throws OrchError where a folder has a name that is no UTF-8: a tree lacks it. */
export async function requireNames(
  host: Host,
  entries: readonly Entry[],
  isWanted: (path: string) => boolean = () => true,
): Promise<void> {
  for (const { path, state } of entries) {
    const names = state.kind === 'directory' ? ((await host.readDir(path)) ?? []) : [];
    for (const each of names.map((name) => joined(path, name))) {
      if (each.includes('\ufffd') && isWanted(each) && (await host.stat(each)) === undefined) throw unfitName(each);
    }
  }
}

export function unfitName(path: string): OrchError {
  return taskFailed(`${path} has a name that is no UTF-8`, 'Rename it, leave it out, or use command for this.');
}

/** Folders that must be made so that `path` is one, from the top; throws when a file is in the way. */
export async function missingFolders(host: Host, path: string): Promise<readonly string[]> {
  const missing: string[] = [];
  for (let folder = path; ; folder = folderOf(folder)) {
    const state = await host.stat(folder);
    if (state?.kind === 'directory' || state?.kind === 'symlink') return missing;
    if (state !== undefined) throw inTheWay(folder, state.kind === 'file' ? 'file' : 'special file');
    missing.unshift(folder);
    if (folder === '/') return missing;
  }
}

/** The mode that a new folder has of itself: setgid is inherited. */
export async function newFolderMode(host: Host, path: string): Promise<number> {
  return 0o755 | (((await folderAbove(host, path))?.mode ?? 0) & 0o2000);
}

/** What stands where a folder is to be, in Ansible's words. */
export function inTheWay(path: string, kind: string): OrchError {
  const summary = `${path} already exists as a ${kind}`;
  return new OrchError({ code: 'task-failed', summary, hint: 'Remove it first.' });
}
