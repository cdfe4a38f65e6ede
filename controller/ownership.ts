import { accessSync, closeSync, constants, openSync, readSync, type Stats } from 'node:fs';
import { OrchError } from '../proto/errors.ts';

/** What others may do with something that is this user's alone: read it, or change it. */
export const others = { reading: 0o044, writing: 0o022 } as const;

/**
 * Refuses, as ssh does, what others could have put there or may get at: OrchError 'unsafe-file' when it belongs neither to this
 * user nor to root (nor, under sudo, to who called it), or when its mode allows any of `forbidden` to others.
 */
export function requireOwn(path: string, { uid, mode }: Stats, forbidden: number): void {
  const self = process.geteuid?.() ?? uid;
  const caller = self === 0 ? Number(process.env.SUDO_UID ?? 0) : self;
  if (![self, 0, caller].includes(uid)) {
    throw unsafe(`${path} belongs to user ${uid}, who could lead this run astray.`, 'Look who made it; remove it.');
  }
  if ((mode & forbidden) !== 0) {
    const text = (mode & 0o7777).toString(8).padStart(4, '0');
    throw unsafe(`${path} has mode ${text}, which lets others get at it.`, `chmod go-rwx ${path}`);
  }
}

function unsafe(summary: string, hint: string): OrchError {
  return new OrchError({ code: 'unsafe-file', summary, hint });
}

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
