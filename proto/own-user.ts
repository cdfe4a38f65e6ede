import { userInfo } from 'node:os';

/** The name of the user of this process; of one that the system has no entry for, as in many containers, its number. */
export function ownUser(): string {
  try {
    return userInfo().username;
  } catch {
    return String(process.getuid?.() ?? '');
  }
}
