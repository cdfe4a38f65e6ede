import { closeSync, constants, fsyncSync, mkdirSync, openSync, renameSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { OrchError } from '../../../proto/errors.ts';

/** Replaces a file at once; on disk when it returns, where `lasting`. Throws errors of the file system. */
export function replaceFile(path: string, text: string, lasting: boolean, mode = 0o600): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const file = openSync(`${path}.new`, 'w', mode);
  try {
    writeWhole(file, Buffer.from(text));
    if (lasting) fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(`${path}.new`, path);
  if (lasting) syncFolder(dirname(path));
}

/** A new name survives a crash only once its folder is on disk. */
export function syncFolder(path: string): void {
  const folder = openSync(path, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

/** write(2) may take less than it is given. */
export function writeWhole(file: number, content: Buffer): void {
  for (let at = 0; at < content.length; ) at += writeSync(file, content, at);
}

/** What is said where a file could not be kept, before anything is changed. `what`: what it is to people. */
export function notKept(what: string, path: string, cause: unknown): OrchError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new OrchError({
    code: 'ledger-failed',
    summary: `The ${what} could not be kept, so nothing was changed: ${reason}.`,
    hint: `Make room or mend permissions for ${path} on the host, then run again.`,
    cause,
  });
}
