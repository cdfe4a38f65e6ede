import { closeSync, constants, fstatSync, lstatSync, openSync, readFileSync, readlinkSync, type Stats } from 'node:fs';
import { OrchError } from '../../../proto/errors.ts';

/** Holds what a path names without opening it: O_PATH of <fcntl.h> (open(2)), which Node does not name. */
const hold = 0o10000000 | constants.O_NOFOLLOW;
/** As many links as the kernel follows on one way (path_resolution(7)). */
export const mostLinks = 40;

interface Walk {
  /** As it was asked for. */
  readonly path: string;
  links: number;
}

/**
 * Holds the folder that a path is in while `work` uses the path: it is given one that can lead nowhere else.
 *
 * The agent is root, and users own folders. A symbolic link in a user's folder, or that a user made, is followed only to
 * what that very user owns, so that nobody can have root work on another's files, not even by a link that is put there
 * in between. Throws OrchError 'task-failed' for such a link, and the errors of the system calls.
 */
export async function inHeldFolder<T>(path: string, work: (path: string) => Promise<T>): Promise<T> {
  if (!isRoot()) return work(path);
  const trimmed = path.replace(/\/+$/, '');
  const slash = trimmed.lastIndexOf('/');
  return held(trimmed.slice(0, slash), path, (folder) => work(`${folder}/${trimmed.slice(slash + 1) || '.'}`));
}

/** The same for what the path itself names, links followed; `work` is given a path to it. */
export function onHeld<T>(path: string, work: (path: string) => Promise<T>): Promise<T> {
  return isRoot() ? held(path, path, work) : work(path);
}

/** Another user's process can do no more than that user. */
export function isRoot(): boolean {
  return process.geteuid?.() === 0;
}

async function held<T>(way: string, path: string, work: (path: string) => Promise<T>): Promise<T> {
  let descriptor: number | undefined;
  try {
    descriptor = walkFrom(undefined, way, { path, links: 0 });
    return await work(inProc(descriptor));
  } catch (error) {
    // People know the path by its own name.
    if (error instanceof Error) error.message = error.message.replace(/'\/proc\/self\/fd\/\d+[^']*'/, `'${path}'`);
    throw error;
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

/** Goes a path name by name, each looked up in the folder that is held. What is returned is the caller's to close. */
function walkFrom(folder: number | undefined, way: string, walk: Walk): number {
  let present = openSync(folder === undefined || way.startsWith('/') ? '/' : inProc(folder), constants.O_DIRECTORY);
  try {
    for (const name of way.split('/').filter((part) => part !== '' && part !== '.')) {
      const next = step(present, name, walk);
      closeSync(present);
      present = next;
    }
    return present;
  } catch (error) {
    closeSync(present);
    throw error;
  }
}

function step(folder: number, name: string, walk: Walk): number {
  const path = `${inProc(folder)}/${name}`;
  const found = lstatSync(path);
  // What has become a link since then is held as a link: nothing can be opened through it.
  if (!found.isSymbolicLink()) return openSync(path, hold);
  walk.links++;
  if (walk.links > mostLinks) throw tooManyLinks(walk.path);
  const target = walkFrom(folder, readlinkSync(path), walk);
  const maker = makerOf(found, fstatSync(folder));
  if (maker === 0 || fstatSync(target).uid === maker) return target;
  const end = readlinkSync(inProc(target));
  closeSync(target);
  throw strayLink(walk.path, end, found.uid, maker, readFileSync('/etc/passwd'));
}

/** Whose word a link is: in a user's folder that user's, whoever made it; in one of root's, its own owner's. */
export function makerOf(link: Stats, folder: Stats): number {
  return folder.uid === 0 ? link.uid : folder.uid;
}

function inProc(descriptor: number): string {
  return `/proc/self/fd/${descriptor}`;
}

/** Of a user's link that root does not follow: its owner, whose word it is, and what tells the names of users. */
export function strayLink(path: string, end: string, uid: number, maker = uid, passwd: Buffer | '' = ''): OrchError {
  const name = new RegExp(`^([^:\n]+):[^:\n]*:${maker}:`, 'm').exec(passwd.toString())?.[1] ?? maker;
  const whose = uid === maker ? 'of' : 'in the folder of';
  return failed(`${path} leads through a link ${whose} user ${name} to ${end}, which is not that user's.`);
}

export function tooManyLinks(path: string): OrchError {
  return failed(`${path} leads through more than ${mostLinks} symbolic links.`);
}

function failed(summary: string): OrchError {
  return new OrchError({ code: 'task-failed', summary, hint: 'Say the path that it leads to.' });
}
