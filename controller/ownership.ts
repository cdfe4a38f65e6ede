import type { Stats } from 'node:fs';
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
