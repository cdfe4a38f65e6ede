import { randomBytes } from 'node:crypto';
import { link, mkdir, open, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { others, requireOwn } from '../../ownership.ts';

/** Writes a file that only its owner may read, whole or not at all; its folder is made 0700. */
export async function writePrivate(path: string, content: string): Promise<void> {
  const temporary = await writeBeside(path, content);
  await rename(temporary, path);
}

/** The same, but leaves a file alone that is there already; false: it was. */
export async function createPrivate(path: string, content: string): Promise<boolean> {
  const temporary = await writeBeside(path, content);
  try {
    await link(temporary, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(temporary, { force: true });
  }
}

/** Text of such a file; undefined: there is none. Throws OrchError 'unsafe-file' when others may do what is `forbidden`. */
export async function readPrivate(path: string, forbidden: number): Promise<string | undefined> {
  const file = await open(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (file === undefined) return undefined;
  try {
    requireOwn(path, await file.stat(), forbidden);
    requireOwn(dirname(path), await stat(dirname(path)), others.writing);
    return await file.readFile('utf8');
  } finally {
    await file.close();
  }
}

async function writeBeside(path: string, content: string): Promise<string> {
  const folder = dirname(path);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  requireOwn(folder, await stat(folder), others.writing);
  const temporary = `${path}.${randomBytes(6).toString('hex')}`;
  await writeFile(temporary, content, { mode: 0o600, flag: 'wx' });
  return temporary;
}
