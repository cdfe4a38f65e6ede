import { constants, type Stats } from 'node:fs';
import { type FileHandle, lstat, open, readdir, readlink, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type Digest, digestOf } from '../../../proto/digest.ts';
import { OrchError } from '../../../proto/errors.ts';
import type { FileState, FileView } from '../host.ts';
import { joined, upTo } from './chunks.ts';
import { pieceBytes } from './large-content.ts';
import { isRoot, makerOf, onHeld } from './safe-path.ts';

const defaultLimit = 64 * 1024 * 1024;

/**
 * Content of a regular file; undefined when there is none. Throws OrchError for other kinds, beyond `limit` bytes, and for
 * a user's link to what is another's.
 */
export function readWholeFile(path: string, limit = defaultLimit): Promise<Buffer | undefined> {
  const beyond = () => fileError(`${path} is larger than ${limit} bytes.`);
  return onRegular(path, (file) => joined(upTo(file.createReadStream({ autoClose: false }), limit, beyond)));
}

/** So many bytes of a regular file from an offset on; otherwise as readWholeFile. */
function readPieceOf(path: string, from: number, bytes: number): Promise<Buffer | undefined> {
  const part = { autoClose: false, start: from, end: from + bytes - 1 };
  return onRegular(path, (file) => joined(file.createReadStream(part)));
}

/** Checksums of a regular file of any size; otherwise as readWholeFile. */
function digestFile<A extends string>(path: string, algorithms: readonly A[]): Promise<Digest<A> | undefined> {
  return onRegular(path, (file) =>
    digestOf(file.createReadStream({ autoClose: false, highWaterMark: pieceBytes }), algorithms),
  );
}

/** Works on a regular file that is open for reading; undefined when there is none. Throws OrchError as readWholeFile. */
export async function onRegular<T>(path: string, work: (file: FileHandle) => Promise<T>): Promise<T | undefined> {
  try {
    return await onHeld(path, (held) => onOpen(held, path, work));
  } catch (error) {
    if (isRefused(error)) throw fileError(`File is not readable: ${path}`, error);
    return absentOrThrow(error);
  }
}

async function onOpen<T>(held: string, path: string, work: (file: FileHandle) => Promise<T>): Promise<T> {
  // Non-blocking, so that a FIFO cannot hold the agent.
  const file = await open(held, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    if (!(await file.stat()).isFile()) throw fileError(`${path} is not a regular file.`);
    return await work(file);
  } finally {
    await file.close();
  }
}

/**
 * lstat(2) in the terms of modules; `mode` has the permission bits only. Undefined when there is nothing, as behind links that
 * lead in a circle.
 */
export async function fileState(path: string): Promise<FileState | undefined> {
  const found = await lstat(path).catch((error: unknown) =>
    codeOf(error) === 'ELOOP' ? undefined : absentOrThrow(error),
  );
  if (found === undefined) return undefined;
  const kind = found.isFile()
    ? 'file'
    : found.isDirectory()
      ? 'directory'
      : found.isSymbolicLink()
        ? 'symlink'
        : 'other';
  return {
    kind,
    mode: found.mode & 0o7777,
    uid: found.uid,
    gid: found.gid,
    size: found.size,
    mtimeMs: found.mtimeMs,
    ...(kind === 'symlink' ? { target: await readlink(path), maker: await foreignMaker(path, found) } : {}),
    inode: `${found.dev}:${found.ino}`,
    atimeMs: found.atimeMs,
    ctimeMs: found.ctimeMs,
    links: found.nlink,
    blocks: found.blocks,
    blockSize: found.blksize,
    device: found.rdev,
    special: specialKind(found),
  };
}

async function foreignMaker(path: string, link: Stats): Promise<number | undefined> {
  return isRoot() ? makerOf(link, await stat(dirname(path))) || undefined : undefined;
}

function specialKind(found: Stats): FileState['special'] {
  if (found.isCharacterDevice()) return 'character';
  if (found.isBlockDevice()) return 'block';
  if (found.isFIFO()) return 'fifo';
  return found.isSocket() ? 'socket' : undefined;
}

/** Names in a folder, sorted; undefined when there is no such folder. */
async function folderNames(path: string): Promise<readonly string[] | undefined> {
  const names = await readdir(path).catch(absentOrThrow);
  return names?.sort();
}

function absentOrThrow(error: unknown): undefined {
  if (isAbsent(error)) return undefined;
  if (error instanceof OrchError) throw error;
  throw fileError(error instanceof Error ? error.message : String(error), error);
}

/** The files as this process may see them. */
export const ownFiles: FileView = {
  stat: fileState,
  readFile: readWholeFile,
  readPiece: readPieceOf,
  readDir: folderNames,
  digest: digestFile,
};

/** True for the errors that say that there is nothing under a path. */
export function isAbsent(error: unknown): boolean {
  const code = codeOf(error);
  return code === 'ENOENT' || code === 'ENOTDIR';
}

/** True for the errors that say that a user who is not root has no right to do that. */
export function isRefused(error: unknown): boolean {
  const code = codeOf(error);
  return code === 'EACCES' || code === 'EPERM';
}

export function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}

export function fileError(summary: string, cause?: unknown): OrchError {
  return new OrchError({ code: 'command-failed', summary, cause });
}
