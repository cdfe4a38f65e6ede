import { chmodSync, lstatSync, mkdirSync } from 'node:fs';
import { OrchError } from '../proto/errors.ts';

/**
 * Makes a folder that only this user may enter. One that is there already is closed to others; OrchError
 * 'bootstrap-failed' when it is someone else's, or no folder.
 */
export function makePrivateFolder(path: string): void {
  mkdirSync(path, { recursive: true, mode: 0o700 });
  const { uid, mode } = lstatSync(path);
  if (uid !== process.geteuid?.() || (mode & 0o170000) !== 0o040000) {
    throw new OrchError({
      code: 'bootstrap-failed',
      summary: `${path} belongs to user ${uid}, or is no folder: nothing secret can be kept there.`,
      hint: `Look who made it, then remove it.`,
    });
  }
  if ((mode & 0o077) !== 0) chmodSync(path, 0o700);
}
