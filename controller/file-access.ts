import { accessSync, closeSync, constants, openSync, readSync } from 'node:fs';

/** Whether this user may do with a file or folder what `mode` says: constants of node:fs (access(2)). False: or it is not there. */
export function mayUse(path: string, mode: number): boolean {
  try {
    accessSync(path, mode);
    return true;
  } catch {
    return false;
  }
}

/**
 * Whether a file starts as a program does: as a script with its interpreter, or in ELF. Any other that is executed the C library hands
 * to a shell, which would take its lines for commands. What may be executed and not read is one: no shell could read it either.
 */
export function startsAsProgram(path: string): boolean {
  return !mayUse(path, constants.R_OK) || /^(?:#!|\x7fELF)/.test(startOf(path));
}

/** What to do about a file that may be executed and is no program. */
export function notExecutableHint(path: string): string {
  const isMarked = startOf(path).startsWith('\xef\xbb\xbf#!');
  return isMarked
    ? 'it begins with a byte order mark, before its "#!": save it as UTF-8 without one'
    : `if it holds the password: chmod -x ${path}`;
}

/** The first bytes of a file, as latin1. */
function startOf(path: string): string {
  const start = Buffer.alloc(5);
  const descriptor = openSync(path, 'r');
  try {
    readSync(descriptor, start);
  } finally {
    closeSync(descriptor);
  }
  return start.toString('latin1');
}
