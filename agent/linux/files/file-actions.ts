import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import {
  chmod,
  type FileHandle,
  lchown,
  link,
  lstat,
  lutimes,
  mkdir,
  open,
  rename,
  rm,
  rmdir,
  symlink,
  unlink,
  utimes,
} from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { OrchError } from '../../../proto/errors.ts';
import type { FileAction } from '../action.ts';
import { execute } from '../programs/exec.ts';
import { codeOf, fileError, fileState, isAbsent, isRefused, onRegular } from './files.ts';
import { type LargeContent, pieceBytes } from './large-content.ts';
import { inHeldFolder, isRoot } from './safe-path.ts';

/** Time for a program that validates a file. */
const validationMs = 60_000;

/** Carries out one change of the file system, never through a link of someone else's. Errors as ActingHost.apply. */
export async function applyFileAction(action: FileAction): Promise<void> {
  try {
    await inHeldFolder(action.path, (path) => carryOut({ ...action, path }));
  } catch (cause) {
    if (cause instanceof OrchError) throw cause;
    const summary = cause instanceof Error ? cause.message : String(cause);
    throw new OrchError({ code: isAbsent(cause) ? 'missing-object' : 'command-failed', summary, cause });
  }
}

async function carryOut(action: FileAction): Promise<void> {
  switch (action.do) {
    case 'write':
      return writeWhole(action);
    case 'mkdir': {
      const { path, mode = 0o755 } = action;
      await mkdir(path, mode);
      // The umask takes bits away; setgid that is inherited not everyone could set.
      return ((await lstat(path)).mode & 0o7777) === mode ? undefined : setMode(path, mode);
    }
    case 'rmdir':
      return rmdir(action.path);
    case 'unlink':
      return unlink(action.path);
    case 'touch':
      return touch(action.path, action.mode);
    case 'times':
      return setTimes(action);
    case 'symlink':
      return inPlace(action.path, (temporary) => symlink(action.target, temporary));
    case 'link':
      return inPlace(action.path, (temporary) => inHeldFolder(action.target, (target) => link(target, temporary)));
    case 'mode':
      return setMode(action.path, action.mode);
    case 'owner':
      return lchown(action.path, action.uid, action.gid);
  }
}

/** Replaces a file at once and for good; what the action says of neither mode nor owner it keeps from the old file. */
async function writeWhole(action: Extract<FileAction, { do: 'write' }>): Promise<void> {
  const { path, mode, validate, mtime } = action;
  const old = await fileState(path);
  const present = old?.kind === 'file' ? old : undefined;
  const owner = action.owner ?? present;
  if (old?.kind === 'directory') throw fileError(`${basename(path)} is a directory.`);
  const fill = async (name: string, flags: number) => {
    const file = await open(name, constants.O_WRONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK | flags, 0o600);
    try {
      if (typeof action.content === 'string') await file.writeFile(Buffer.from(action.content, 'base64'));
      else await copyInto(file, action.content);
      if (owner !== undefined) await file.chown(owner.uid, owner.gid).catch(unlessRefused);
      await file.chmod(mode ?? present?.mode ?? 0o644);
      if (mtime !== undefined) await file.utimes(Date.now() / 1000, mtime / 1000).catch(unlessRefused);
      await file.sync();
    } finally {
      await file.close();
    }
  };
  // Nothing takes the file's place, or is written into it, that its program has not seen.
  let valid = validate === undefined;
  try {
    await inPlace(path, async (temporary) => {
      await fill(temporary, constants.O_CREAT | constants.O_EXCL);
      if (validate !== undefined) await accepted(validate, temporary);
      valid = true;
    });
  } catch (error) {
    if (!action.unsafe || !valid || present === undefined || !isIrreplaceable(error)) throw error;
    await fill(path, constants.O_TRUNC);
  }
}

const irreplaceable: ReadonlySet<unknown> = new Set(['EACCES', 'EBUSY', 'EPERM', 'ETXTBSY', 'EXDEV']);

/** Whether an error is of those that replacing a file ends with where writing it may not. */
const isIrreplaceable = (error: unknown): boolean =>
  irreplaceable.has(codeOf(error instanceof OrchError ? error.cause : error));

/** What is another content by then, whoever looks at the file finds out. */
async function copyInto(file: FileHandle, { at }: LargeContent): Promise<void> {
  if (!('file' in at)) throw new Error('the content is not on this host');
  const copied = await onRegular(at.file, async (source) => {
    const pieces = source.createReadStream({ autoClose: false, highWaterMark: pieceBytes });
    for await (const piece of pieces) await file.writeFile(piece);
    return true;
  });
  if (copied !== true) throw fileError(`${at.file} is gone.`);
}

/** Asks a program about a file; throws OrchError with its words where it does not end with 0. */
async function accepted(validate: readonly string[], path: string): Promise<void> {
  const seen = seenByOthers(path);
  const argv = validate.map((word) => word.replaceAll('%s', seen));
  const { status, stdout, stderr } = await execute({ argv }, { timeoutMs: validationMs });
  if (status === 0) return;
  const [out, err] = [stdout, stderr].map((text) => text.replaceAll(seen, '%s')) as [string, string];
  throw new OrchError({
    code: 'command-failed',
    summary: `failed to validate: rc:${status} error:${err === '' ? out : err}`,
    result: { exit_status: status, stdout: out, stderr: err },
  });
}

/** Makes something under a temporary name in the same folder and renames it over the path. */
async function inPlace(path: string, make: (temporary: string) => Promise<void>): Promise<void> {
  const folder = dirname(path);
  const temporary = join(folder, `.${basename(path).slice(0, 200)}.orch-${randomBytes(6).toString('hex')}`);
  try {
    await make(temporary);
    await rename(temporary, path);
  } catch (error) {
    if (!isRoot() && isRefused(error)) throw fileError(`Destination ${folder} not writable`, error);
    await rm(temporary, { force: true });
    throw error;
  }
  await syncFolder(folder);
}

/** A user who is not root may have rights enough for a change, and none for what makes it complete. */
function unlessRefused(error: unknown): undefined {
  if (isRoot() || !isRefused(error)) throw error;
  return undefined;
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, constants.O_RDONLY | constants.O_DIRECTORY).catch(unlessRefused);
  if (folder === undefined) return;
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** The held folder is one of this process: another finds it by the process's number. */
function seenByOthers(path: string): string {
  return path.replace('/proc/self/', `/proc/${process.pid}/`);
}

/** Whoever may write a file may give it the time of now, but only its owner may say that time, as Node does. */
async function touchAsUser(path: string): Promise<void> {
  await utimes(path, new Date(), new Date()).catch(async (error: unknown) => {
    if (codeOf(error) !== 'EPERM') throw error;
    const { status, stderr } = await execute({ argv: ['touch', '-c', '--', seenByOthers(path)] });
    if (status !== 0) throw fileError(stderr.trim(), error);
  });
}

async function touch(path: string, mode: number | undefined): Promise<void> {
  const now = new Date();
  if ((await fileState(path)) !== undefined) return isRoot() ? lutimes(path, now, now) : touchAsUser(path);
  const { O_WRONLY, O_CREAT, O_NOFOLLOW, O_NONBLOCK } = constants;
  const file = await open(path, O_WRONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK, 0o644);
  try {
    if (mode !== undefined) await file.chmod(mode);
    await file.utimes(now, now);
  } finally {
    await file.close();
  }
}

/** The times of what a path names itself. */
async function setTimes({ path, atime, mtime }: Extract<FileAction, { do: 'times' }>): Promise<void> {
  const old = await lstat(path);
  const seconds = (said: number | 'now' | undefined, otherwise: number) =>
    (said === 'now' ? Date.now() : (said ?? otherwise)) / 1000;
  await lutimes(path, seconds(atime, old.atimeMs), seconds(mtime, old.mtimeMs));
}

/** chmod that never follows a symbolic link. */
async function setMode(path: string, mode: number): Promise<void> {
  if (!isRoot()) return chmod(path, mode);
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    await file.chmod(mode);
  } finally {
    await file.close();
  }
}
