import type { OrchError } from '../../../../proto/errors.ts';
import { mostLinks, strayLink, tooManyLinks } from '../../../linux/files/safe-path.ts';
import type { FileState, Host } from '../../../linux/host.ts';
import { folderAbove } from './folder-above.ts';
import { folderOf, foldersTo, joined, tidy } from './path.ts';

interface End {
  readonly path: string;
  /** Of what is there. */
  readonly state: FileState | undefined;
  /** Links of users other than root that lead there. */
  readonly links: readonly FileState[];
}

interface Judged extends End {
  /** Why root must not work there: see safe-path.ts. */
  readonly stray: OrchError | undefined;
}

async function follow(host: Host, path: string): Promise<End | undefined> {
  let present = path;
  const links: FileState[] = [];
  for (let count = 0; count <= mostLinks; count++) {
    const state = await host.stat(present);
    if (state?.kind !== 'symlink' || state.target === undefined) return { path: present, state, links };
    if (state.maker !== undefined) links.push(state);
    present = state.target.startsWith('/') ? tidy(state.target) : joined(folderOf(present), state.target);
  }
  return undefined;
}

/** A user's link that leads to what is not that user's, or would come into another's folder. */
async function strayOf(host: Host, { path, state, links }: End): Promise<FileState | undefined> {
  if (links.length === 0) return undefined;
  const owner = (state ?? (await folderAbove(host, path)))?.uid;
  return links.find(({ maker }) => maker !== owner);
}

/** What a path leads to when its last name is a symbolic link; it need not be there. Undefined for a circle. */
export async function endOfLinks(host: Host, path: string): Promise<string | undefined> {
  return (await follow(host, path))?.path;
}

/** What a path leads to, for those who only look; throws OrchError for a circle. */
export async function behindLinks(host: Host, path: string): Promise<string> {
  return (await follow(host, path))?.path ?? failCircle(path);
}

/** The same for those who may have something to do there, which is then refused. Undefined for a circle. */
export async function judgedEnd(host: Host, path: string): Promise<Judged | undefined> {
  const end = await follow(host, path);
  const link = end && (await strayOf(host, end));
  const passwd = link && (await host.readFile('/etc/passwd'));
  return end && { ...end, stray: link && strayLink(path, end.path, link.uid, link.maker, passwd) };
}

/** The same; throws OrchError for a circle. */
export async function behindJudgedLinks(host: Host, path: string): Promise<Judged> {
  return (await judgedEnd(host, path)) ?? failCircle(path);
}

/** Throws where there is something to do that root must not be led to. */
export function heed(stray: OrchError | undefined, steps: readonly unknown[]): void {
  if (stray !== undefined && steps.length > 0) throw stray;
}

/** Throws OrchError where a link on the way to a folder leads root to where it must not work. `known`: folders that are fine. */
export async function requireTrusted(host: Host, folder: string, known = new Set<string>()): Promise<void> {
  for (const each of foldersTo(folder)) {
    if (known.has(each)) continue;
    known.add(each);
    const { stray } = await behindJudgedLinks(host, each);
    if (stray !== undefined) throw stray;
  }
}

/**
 * The file that a path leads to, for who makes a copy of it; undefined where there is none, as for a circle. Throws OrchError
 * where a user's link leads to what is not that user's and not everybody's to read.
 */
export async function sourceEnd(host: Host, path: string) {
  const end = await judgedEnd(host, path);
  if (end?.state === undefined || end.state.kind === 'directory') return undefined;
  const { state, stray } = end;
  if (stray !== undefined && !((state.mode & 4) !== 0 && (await isOpen(host, end.path)))) throw stray;
  return { path: end.path, state };
}

/** Whether everybody may pass through all the folders that a path is in. */
async function isOpen(host: Host, path: string): Promise<boolean> {
  for (const folder of foldersTo(folderOf(path))) {
    const end = await behindLinks(host, folder);
    if ((((await host.stat(end))?.mode ?? 0) & 1) === 0) return false;
    if (end !== folder && !(await isOpen(host, end))) return false;
  }
  return true;
}

function failCircle(path: string): never {
  throw tooManyLinks(path);
}
