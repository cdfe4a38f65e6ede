import { closeSync, lstatSync, openSync, readFileSync, readSync, realpathSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, resolve } from 'node:path';
import type { FileKind, Workstation } from '../../template/types.ts';
import { isVault } from '../../vault/cipher.ts';
import { wasOpened } from '../../vault/vault.ts';
import { glob } from '../lookups/files.ts';

function kindOf(path: string, follow: boolean): FileKind | undefined {
  const stat = (follow ? statSync : lstatSync)(path, { throwIfNoEntry: false });
  if (!stat) return undefined;
  if (stat.isFile()) return 'file';
  if (stat.isDirectory()) return 'directory';
  return stat.isSymbolicLink() ? 'link' : 'other';
}

/** The first characters of a file. */
function head(path: string): string {
  const file = openSync(path, 'r');
  try {
    const start = Buffer.alloc(32);
    return start.toString('latin1', 0, readSync(file, start));
  } finally {
    closeSync(file);
  }
}

/** What /etc/passwd says where a user is at home. */
function homeOf(user: string): string | undefined {
  const accounts = readFileSync('/etc/passwd', 'utf8').split('\n');
  return accounts.map((line) => line.split(':')).find(([name]) => name === user)?.[5];
}

/** What filters and tests may ask about this workstation's files. */
export const workstation: Workstation = {
  kind: (path, follow) => {
    try {
      return kindOf(path, follow);
    } catch {
      return undefined;
    }
  },
  identity: (path) => {
    const stat = statSync(path, { throwIfNoEntry: false });
    return stat && `${stat.dev}:${stat.ino}`;
  },
  isMount: (path) => {
    const [stat, parent] = [lstatSync(path, { throwIfNoEntry: false }), statSync(dirname(resolve(path)))];
    return stat?.isDirectory() === true && (stat.dev !== parent.dev || stat.ino === parent.ino);
  },
  realPath: (path) => {
    try {
      return realpathSync(path);
    } catch {
      return resolve(path);
    }
  },
  glob,
  isVaulted: (path) => {
    try {
      return isVault(head(path));
    } catch {
      return undefined;
    }
  },
  wasEncrypted: wasOpened,
  environment: (name) => process.env[name],
  home: (user) => (user === '' ? homedir() : homeOf(user)),
};
