import { lstatSync, realpathSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, resolve } from 'node:path';
import type { FileKind, Workstation } from '../template/types.ts';
import { glob } from './lookups/files.ts';

function kindOf(path: string, follow: boolean): FileKind | undefined {
  const stat = (follow ? statSync : lstatSync)(path, { throwIfNoEntry: false });
  if (!stat) return undefined;
  if (stat.isFile()) return 'file';
  if (stat.isDirectory()) return 'directory';
  return stat.isSymbolicLink() ? 'link' : 'other';
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
  environment: (name) => process.env[name],
  home: homedir(),
};
